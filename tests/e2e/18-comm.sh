#!/bin/bash
# SPDX-License-Identifier: MIT
# A name of newlines and escapes: reversible in the file's name and the record, harmless where
# people read it.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/kinds.sh"

program frames frames.c || fail "frames.c does not build"
check_kind comm "$PROGRAMS/frames" "$PROGRAMS/frames" comm $'a\nb\033[31m;x=1'
crashed_in "$T/comm" crash_here
dump=$(only_dump "$T/comm/mini")
name=${dump##*/}
has <(printf '%s' "$name") '^core\.a%0[Aa]b%1[Bb]%5[Bb]31m%3[Bb]x%3[Dd]1\.0\.[0-9a-f]{32}\.[0-9]+\.[0-9]+\.zst$' "file name"
equal "comm in the record" "$(field "$dump" comm)" 'a\x0ab\x1b[31m;x=1'
"$DUMPCTL" list -D "$T/comm/mini" >"$T/list" 2>&1
"$DUMPCTL" info -D "$T/comm/mini" >"$T/info" 2>&1
no_control_bytes "$T/list"
no_control_bytes "$T/info"
has "$T/list" 'a\\x0ab\\x1b\[31m'
has "$T/info" 'a\\x0ab\\x1b\[31m'
"$DUMPCTL" list -D "$T/comm/mini" --json >"$T/list.json"
jq -e . "$T/list.json" >/dev/null || fail "list --json is not JSON"
no_control_bytes "$T/list.json"
