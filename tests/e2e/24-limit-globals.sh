#!/bin/bash
# SPDX-License-Identifier: MIT
# Under a limit globals still have the values of the run: a debugger would take those of the
# link from the executable for them. Where the limit is too small for that, the record says so.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need gdb zstd jq
program frames frames.c || fail "frames.c does not build"
CORE_LIMIT=160 crash_cut "$T/limit" "mini heap" "$PROGRAMS/frames" segv
for type in mini heap; do
    dump=$(only_dump "$T/limit/$type")
    equal "$type: outcome" "$(field "$dump" outcome)" cut
    has <(field "$dump" reason) 'bytes of memory were left out: RLIMIT_CORE allows 163840' "$type"
    extract "$T/limit" $type
    values "$PROGRAMS/frames" "$T/limit/$type.core" counter zero_at_link >"$T/values"
    has "$T/values" '^counter = 4711$' "$type"
    has "$T/values" '^zero_at_link = 42$' "$type"
    gdb_run "$PROGRAMS/frames" "$T/limit/$type.core" -ex bt >"$T/bt"
    has "$T/bt" '#0 .*crash_here \(how=' "$type"
    has "$T/bt" '#3 .*main \(argc=2' "$type"
done
CORE_LIMIT=16 crash_cut "$T/less" "mini" "$PROGRAMS/frames" segv
has <(field "$(only_dump "$T/less/mini")" reason) 'global variables there read as the executable' "less"
