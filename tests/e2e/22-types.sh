#!/bin/bash
# SPDX-License-Identifier: MIT
# The types: each has more than the one before, none has a record alone, all are whole pages
# and the truth.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/kinds.sh"

program bigheap bigheap.c -pthread || fail "bigheap.c does not build"
# 5: a record alone, and no journald to take it.
STORED="0 4 5" crash "$T/big" "none stacks mini heap full" "$PROGRAMS/bigheap"
empty_store "$T/big/none"
for type in stacks mini heap full; do
    extract "$T/big" $type
    check_segments "$T/big/$type.core"
    "$PYTHON" "$E2E/corelab.py" subset "$T/big/$type.core" "$T/big/kernel.core" >"$T/$type.kept" ||
        fail "$type.core is not part of the kernel's core"
    dump=$(only_dump "$T/big/$type")
    equal "$type: type" "$(field "$dump" type)" $type
    equal "$type: outcome" "$(field "$dump" outcome)" complete
    equal "$type: size" "$(field "$dump" size_dump)" "$(stat -c %s "$T/big/$type.core")"
    equal "$type: mode and owner" "$(stat -c '%a %u %g' "$dump")" "600 0 0"
    crashed=$(gdb_run "$PROGRAMS/bigheap" "$T/big/$type.core" -ex bt | grep -c 'crash_here ()') || true
    equal "$type: crash_here in bt" "$crashed" 2
done
size() {
    stat -c %s "$T/big/$1.core"
}
echo "stacks $(size stacks) mini $(size mini) heap $(size heap) full $(size full)"
(($(size stacks) <= $(size mini))) || fail "stacks is larger than mini"
(($(size mini) < $(size heap))) || fail "mini is not smaller than heap"
(($(size heap) <= $(size full))) || fail "heap is larger than full"
(($(size heap) >= 64 << 20)) || fail "heap lacks the heap"
same_bytes "$T/big/full.core" "$T/big/kernel.core"

# MaxSize cuts a type in the order of ranks: still a dump that shows the crash, and says so.
CONFIG_LINES=(MaxSize=256K)
crash_cut "$T/cut" heap "$PROGRAMS/bigheap"
dump=$(only_dump "$T/cut/heap")
equal "outcome" "$(field "$dump" outcome)" cut
[[ $(field "$dump" reason) != null ]] || fail "no reason for a dump that was cut"
extract "$T/cut" heap
check_segments "$T/cut/heap.core"
gdb_run "$PROGRAMS/bigheap" "$T/cut/heap.core" -ex bt >"$T/bt"
has "$T/bt" 'crash_here \(\)'
has "$T/bt" 'main \(argc=1'
"$PYTHON" "$E2E/corelab.py" subset "$T/cut/heap.core" "$T/big/kernel.core" 2>/dev/null &&
    fail "another crash's core was not told apart"
"$PYTHON" "$E2E/corelab.py" subset "$T/cut/heap.core" "$T/cut/kernel.core" >"$T/kept"
(($(cat "$T/kept") <= 256 << 10)) || fail "$(cat "$T/kept") bytes kept, MaxSize is 256K"

# The same where the crashing thread's stack is 8 MiB of its own: its frames are what is kept
# of it, not its lower end.
crash_cut "$T/cut2" heap "$PROGRAMS/bigheap" thread
extract "$T/cut2" heap
gdb_run "$PROGRAMS/bigheap" "$T/cut2/heap.core" -ex bt >"$T/bt"
has "$T/bt" '#0 +crash_here \(\)'
has "$T/bt" '#1 .*in_thread \('
