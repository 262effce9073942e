#!/bin/bash
# SPDX-License-Identifier: MIT
# %e is the attacker's: names that look like options, like nothing, like terminal commands. Each
# crash is stored with its own facts, and nothing that people read is harmed.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need zstd jq
program frames frames.c || fail "frames.c does not build"
dump_config "$T/c" mini "$T/s"

# The program says who it is; the crash is uid 1000's, so that an injected -u0 would show.
install -m 755 "$PROGRAMS/frames" "$T/f"
n=0
# name RAW ESCAPED: as /proc has it; in the kernel's %e a '/' is '!'.
name() {
    n=$((n + 1))
    ls "$T/s" >"$T/before"
    crash_direct "$T/c" setpriv --reuid=1000 --regid=1000 --clear-groups "$T/f" comm "$1"
    wait_dumps "$T/s" $n
    local dump
    dump=$T/s/$(ls "$T/s" | comm -13 "$T/before" -)
    equal "comm of '$2'" "$(field "$dump" comm)" "$2"
    equal "uid of '$2'" "$(field "$dump" uid)" 1000
    equal "signal of '$2'" "$(field "$dump" signal)" 11
    equal "type of '$2'" "$(field "$dump" type)" mini
    [[ ${dump##*/} =~ ^core\.[A-Za-z0-9_+%-]*\.1000\.[0-9a-f]{32}\.[0-9]+\.[0-9]+\.zst$ ]] ||
        fail "name of '$2': ${dump##*/}"
}
name '-d1' '-d1'
name '-u0' '-u0'
name '--' '--'
name '--config=/etc/p' '--config=/etc/p'
name $'a\nb\033[31m' 'a\x0ab\x1b[31m'
name '  ' '  '
name ' ' ' '
name '%P %s %e' '%P %s %e'
name '$(id);`id`' '$(id);`id`'
name '../../etc' '../../etc'
name '..' '..'
name $'\xff\xfe' '\xff\xfe'
name $'\xc2\x9b31m' '\xc2\x9b31m'
name 'äöü' 'äöü'
name '{"a":1}' '{"a":1}'
name 'back\slash' 'back\x5cslash'
name '123456789012345' '123456789012345'

# A path and arguments of the same kind.
mkdir -p "$T/p"
hostile=$T/p/$'x\n\033]0;title\a y'
install -m 755 "$PROGRAMS/frames" "$hostile"
n=$((n + 1))
ls "$T/s" >"$T/before"
crash_direct "$T/c" "$hostile" segv $'\033[2J' $'new\nline' ''
wait_dumps "$T/s" $n
dump=$T/s/$(ls "$T/s" | comm -13 "$T/before" -)
equal "exe" "$(field "$dump" exe)" "$T/p/x\\x0a\\x1b]0;title\\x07 y"
has <(field "$dump" cmdline) '\\x5c033\[2J.*new\\x5cnline' "cmdline"

for verb in "list" "info" "list --json" "info --json"; do
    # shellcheck disable=SC2086
    "$DUMPCTL" $verb -D "$T/s" >"$T/out" 2>"$T/err" || fail "dumpctl $verb: $(cat "$T/err")"
    no_control_bytes "$T/out"
    no_control_bytes "$T/err"
    if [[ $verb == *--json ]]; then
        jq -e . "$T/out" >/dev/null || fail "$verb is not JSON"
    fi
done
"$DUMPCTL" list -D "$T/s" --json >"$T/list"
equal "crashes" "$(jq length "$T/list")" $n
"$DUMPCTL" list -D "$T/s" >"$T/out"
has "$T/out" '\\x1b\[31m'
