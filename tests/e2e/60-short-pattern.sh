#!/bin/bash
# SPDX-License-Identifier: MIT
# As the kernel starts it: the short form `%P %s %e`, standard output and error closed, no
# environment, with core_pipe_limit 0 and above; and the long form, whose facts are verified.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need gdb zstd jq
program frames frames.c || fail "frames.c does not build"

# direct NAME FORM LIMIT: one crash, dumpd started by the kernel itself.
direct() {
    local name=$1
    dump_config "$T/$name.conf" mini "$T/$name"
    PATTERN_FORM=$2 PIPE_LIMIT=$3 crash_direct "$T/$name.conf" "$PROGRAMS/frames" segv
    equal "$name: status" "$CRASH_STATUS" 139
    wait_dumps "$T/$name" 1
    dump=$(only_dump "$T/$name")
    extract "$T" "$name"
    equal "$name: comm" "$(field "$dump" comm)" frames
    equal "$name: signal" "$(field "$dump" signal)" 11
    equal "$name: outcome" "$(field "$dump" outcome)" complete
    equal "$name: mode" "$(stat -c '%a %u %g' "$dump")" "600 0 0"
    gdb_run "$PROGRAMS/frames" "$T/$name.core" -ex bt >"$T/bt"
    has "$T/bt" '#0 .*crash_here \(how=' "$name"
    has "$T/bt" '#3 .*main \(argc=2' "$name"
}

direct short "%P %s %e" 16
[[ $(field "$dump" verified) != 1 ]] || fail "verified without a pidfd"
equal "short: dumpable" "$(field "$dump" dumpable)" null
direct long "$LONG_FORM" 16
equal "long: verified" "$(field "$dump" verified)" 1
equal "long: dumpable" "$(field "$dump" dumpable)" 1
equal "long: exe" "$(field "$dump" exe)" "$PROGRAMS/frames"
# Nothing holds the process back but its unread pipe.
direct short0 "%P %s %e" 0
direct long0 "$LONG_FORM" 0
equal "long0: exe" "$(field "$dump" exe)" "$PROGRAMS/frames"
# The name that scripts for systemd-coredump know.
has <(printf '%s' "${dump##*/}") \
    "^core\\.frames\\.0\\.$(tr -d - </proc/sys/kernel/random/boot_id)\\.$(field "$dump" pid)\\.[0-9]{16}\\.zst\$" "name"

# Ten at once: each has a dump of its own.
dump_config "$T/ten.conf" mini "$T/ten"
ten() {
    local i pids=()
    for i in 1 2 3 4 5 6 7 8 9 10; do
        "$PROGRAMS/frames" segv &
        pids+=($!)
    done
    wait "${pids[@]}" || true
}
export -f ten
export PROGRAMS
crash_direct "$T/ten.conf" bash -c ten
wait_dumps "$T/ten" 10
equal "dumps" "$(dump_count "$T/ten")" 10
equal "ids" "$("$DUMPCTL" list -D "$T/ten" --json | jq 'map(.id) | unique | length')" 10
equal "outcomes" "$(for d in "$T/ten"/*.zst; do field "$d" outcome; done | sort -u)" complete
