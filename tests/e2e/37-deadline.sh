#!/bin/bash
# SPDX-License-Identifier: MIT
# A stream that stands still does not hold the handler: after Deadline the dump is finished with
# what has come, and says what it lacks.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need mkfifo
program bigheap bigheap.c -pthread || fail "bigheap.c does not build"
crash "$T/one" full "$PROGRAMS/bigheap"
core=$T/one/kernel.core

# stands_still TYPE BYTES: that many come, then nothing, and the other end stays open.
stands_still() {
    local dir=$T/$1.$2 status=0
    dump_config "$dir.conf" "$1" "$dir" Deadline=1s SpoolMax=4M
    mkfifo "$dir.pipe"
    "$DUMPD" --config="$dir.conf" 999999 11 bigheap <"$dir.pipe" 2>"$dir.err" &
    exec 7>"$dir.pipe"
    head -c "$2" "$core" >&7
    wait $! || status=$?
    exec 7>&-
    one_of "$1, $2 bytes: exit" "$status" 1 4
    dump=$(only_dump "$dir")
    equal "outcome" "$(field "$dump" outcome)" cut
    field "$dump" reason >"$T/reason"
    has "$T/reason" 'Deadline: [0-9]+ of [0-9]+ bytes were read in time'
    (($(field "$dump" held) >= 1000000)) || fail "held for $(field "$dump" held) µs only"
    "$DUMPCTL" extract -D "$dir" bigheap -o "$dir.core" 2>"$T/extract"
    "$PYTHON" "$E2E/corelab.py" cut "$dir.core" "$core" >"$T/kept" ||
        fail "what came of $2 bytes is not part of the core"
    # what is lost is in the last piece of half a MiB
    (($(cat "$T/kept") >= ${3:-$2} - (600 << 10))) || fail "$(cat "$T/kept") bytes kept, $2 came"
    "$DUMPCTL" info -D "$dir" >"$T/info"
    has "$T/info" '^ *Held: [0-9.]+ s, until what is kept of it was read$'
    "$DUMPCTL" list -D "$dir" >"$T/list"
    has "$T/list" ' HELD '
    has "$T/list" ' [1-9][0-9]*\.[0-9]{3}s'
}
stands_still full 40000000
stands_still full 100000
stands_still heap 40000000
