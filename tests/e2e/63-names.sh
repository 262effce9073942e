#!/bin/bash
# SPDX-License-Identifier: MIT
# What process, thread and executable are called: as /proc has it, which knows better than core_pattern's %e and
# the core's map of files. Policy, record, file name, journal and lists use the same names.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need zstd jq journalctl
program named named.c -pthread || fail "named.c does not build"
journal_start

# crashed CONF STORE COMMAND...: its dump in $dump.
crashed() {
    local conf=$1 store=$2
    shift 2
    find "$store" -type f -delete
    crash_direct "$conf" "$@"
    wait_dumps "$store" 1
    dump=$(only_dump "$store")
}

dump_config "$T/c" mini "$T/s"
# The thread has a name of its own; in either is a slash, of which the kernel makes "!" in %e.
crashed "$T/c" "$T/s" "$PROGRAMS/named" ser/ver worker/7
equal "process" "$(field "$dump" comm)" ser/ver
equal "thread" "$(field "$dump" thread_name)" worker/7
has <(printf '%s' "${dump##*/}") '^core\.ser%2[Ff]ver\.0\.' "file name"
entry() {
    journal_entries DUMPD_ID="$(field "$dump" id)" | jq -r ".$1"
}
told() {
    [[ -n $(entry MESSAGE) ]]
}
wait_for 20 told || fail "no entry"
equal "COREDUMP_COMM" "$(entry COREDUMP_COMM)" ser/ver
equal "COREDUMP_THREAD_NAME" "$(entry COREDUMP_THREAD_NAME)" worker/7
has <(entry MESSAGE) '^Process [0-9]+ \(ser/ver\) of user 0 dumped core'
"$DUMPCTL" info -D "$T/s" >"$T/info"
has "$T/info" "^ +Process: $(field "$dump" pid) \(ser/ver\)$"
has "$T/info" "^ +Thread: $(field "$dump" tid) \(worker/7\)$"
"$DUMPCTL" list -D "$T/s" >"$T/list"
has "$T/list" ' SEGV +ser/ver '
# By any of its names.
for name in ser/ver worker/7; do
    "$DUMPCTL" list -D "$T/s" "comm=$name" >"$T/list" 2>&1 || [[ $name == worker/7 ]] || fail "comm=$name finds nothing"
done
for name in named "thread_name=worker/7" "comm=ser/ver"; do
    "$DUMPCTL" list -D "$T/s" "$name" >"$T/list" 2>&1 || fail "$name finds nothing: $(cat "$T/list")"
done

# A record of a crash too many has the same names, though nobody has looked at the core.
dump_config "$T/few" mini "$T/s2" "RuntimeDirectory=$T/few.run" "RateDumps=1" "RateMini=0" "RatePeriod=1h"
crashed "$T/few" "$T/s2" "$PROGRAMS/named" ser/ver worker/7
crash_direct "$T/few" "$PROGRAMS/named" ser/ver worker/8
limited() {
    journal_entries COREDUMP_THREAD_NAME=worker/8 >"$T/limited"
    [[ -s $T/limited ]]
}
wait_for 20 limited || fail "no record of the second crash"
equal "limited" "$(jq -r '.COREDUMP_COMM + " " + .DUMPD_OUTCOME + " " + .COREDUMP_EXE' "$T/limited")" \
    "ser/ver record $PROGRAMS/named"

# overlayfs: the core's map of files has the layer's path (NT_FILE, by vma->vm_file's own path).
mkdir "$T/lower" "$T/upper" "$T/work" "$T/merged"
mount -t tmpfs none "$T/lower"
on_exit "umount -l $T/merged $T/lower 2>/dev/null"
mkdir "$T/lower/l" "$T/lower/u" "$T/lower/w"
cp "$PROGRAMS/named" "$T/lower/l/server"
if ! mount -t overlay overlay -o "lowerdir=$T/lower/l,upperdir=$T/lower/u,workdir=$T/lower/w" "$T/merged"; then
    fail "no overlayfs here"
fi
dump_config "$T/o" stacks "$T/so"
printf '[Executable "%s/merged/server"]\nType=mini\n[Executable "/server"]\nType=heap\n' "$T" >>"$T/o"
crashed "$T/o" "$T/so" "$T/merged/server" a b
equal "overlayfs: exe" "$(field "$dump" exe)" "$T/merged/server"
equal "overlayfs: the policy is by the same path" "$(field "$dump" type)" mini
in_core=$(field "$dump" exe_in_core)
[[ $in_core == null || $in_core == */server ]] || fail "overlayfs: exe_in_core $in_core"
echo "overlayfs: the core's map of files has $in_core"
"$DUMPCTL" list -D "$T/so" server >"$T/list" || fail "server finds nothing"
