#!/bin/bash
# SPDX-License-Identifier: MIT
# Where one argument ends and the next begins is not lost: a shell takes the command line of record, journal and info
# as it is, and the array of the JSON has every byte.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need zstd jq journalctl
program frames frames.c || fail "frames.c does not build"
journal_start
dump_config "$T/c" mini "$T/s"
arguments=(segv 'a b' '' $'new\nline' "it's" '"so"' 'back\slash' '$HOME `id` $(id)' '*' '~' '#' '{x,y}' $'\033[31m' $'\xff' ' ' 'ä' '')
crash_direct "$T/c" "$PROGRAMS/frames" "${arguments[@]}"
wait_dumps "$T/s" 1
dump=$(only_dump "$T/s")

# The record's own texts are escaped once more, dumpd's way.
undo() {
    "$PYTHON" -c 'import re, sys
data = sys.stdin.buffer.read()
sys.stdout.buffer.write(re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m[1], 16)]), data))'
}
# split LINE FILE: the words that a shell makes of it, each with a NUL behind it.
split() {
    bash -c "set -f; printf '%s\\0' $1" >"$2"
}
printf '%s\0' "$PROGRAMS/frames" "${arguments[@]}" >"$T/want"
# Texts leave out empty ones at the end, as systemd-coredump does.
printf '%s\0' "$PROGRAMS/frames" "${arguments[@]::16}" >"$T/want.text"

field "$dump" cmdline | undo >"$T/line"
split "$(cat "$T/line")" "$T/got"
same_bytes "$T/got" "$T/want.text"
"$DUMPCTL" info -D "$T/s" | sed -n 's/^ *Command line: //p' >"$T/line"
no_control_bytes "$T/line"
split "$(cat "$T/line")" "$T/got"
same_bytes "$T/got" "$T/want.text"

# as_bytes FILE: the arguments of a JSON array, with NULs.
as_bytes() {
    "$PYTHON" -c 'import json, re, sys
for text in json.load(sys.stdin):
    sys.stdout.buffer.write(re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m[1], 16)]), text.encode()) + b"\0")'
}
record_of "$dump" | jq .arguments | as_bytes >"$T/got"
same_bytes "$T/got" "$T/want"
"$DUMPCTL" info -D "$T/s" --json | jq '.[0].arguments' | as_bytes >"$T/got"
same_bytes "$T/got" "$T/want"

told() {
    journal_entries DUMPD_ID="$(field "$dump" id)" >"$T/entry"
    [[ -s $T/entry ]]
}
wait_for 20 told || fail "no entry"
split "$(jq -r .COREDUMP_CMDLINE "$T/entry")" "$T/got"
same_bytes "$T/got" "$T/want.text"
jq '.DUMPD_ARGUMENTS | rtrimstr("\n") | split("\n")' "$T/entry" | as_bytes >"$T/got"
same_bytes "$T/got" "$T/want"
# The journal alone tells it, too.
rm "$dump"
dump=$(jq -r .DUMPD_ID "$T/entry")
"$DUMPCTL" info --config="$T/c" "$dump" --json | jq '.[0].arguments' | as_bytes >"$T/got"
same_bytes "$T/got" "$T/want"
