#!/bin/bash
# SPDX-License-Identifier: MIT
# RLIMIT_CORE: the kernel calls the handler whatever it is (only 1 stops it); 0 asks for a
# record alone, a limit in between for a smaller dump.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/kinds.sh"

program bigheap bigheap.c -pthread || fail "bigheap.c does not build"
STORED="0 5" CORE_LIMIT=0 crash "$T/zero" "full mini" "$PROGRAMS/bigheap"
empty_store "$T/zero/full"
empty_store "$T/zero/mini"

CONFIG_LINES=(CoreLimit=ignore)
CORE_LIMIT=0 crash "$T/ignored" "mini" "$PROGRAMS/bigheap"
only_dump "$T/ignored/mini" >/dev/null
equal "rlimit" "$(field "$(only_dump "$T/ignored/mini")" rlimit)" 0
CONFIG_LINES=()

# ulimit counts in KiB. The signal's thread is what is left.
CORE_LIMIT=1024 crash_cut "$T/between" "heap" "$PROGRAMS/bigheap"
dump=$(only_dump "$T/between/heap")
equal "outcome" "$(field "$dump" outcome)" cut
equal "rlimit" "$(field "$dump" rlimit)" 1048576
[[ $(field "$dump" reason) != null ]] || fail "no reason for a dump that was cut"
extract "$T/between" heap
"$PYTHON" "$E2E/corelab.py" subset "$T/between/heap.core" "$T/between/kernel.core" >"$T/kept"
(($(cat "$T/kept") <= 1 << 20)) || fail "$(cat "$T/kept") bytes of memory, the limit is 1 MiB"
check_segments "$T/between/heap.core"
gdb_run "$PROGRAMS/bigheap" "$T/between/heap.core" -ex bt >"$T/bt"
has "$T/bt" 'crash_here \(\)'
has "$T/bt" 'main \(argc=1'
