#!/bin/bash
# SPDX-License-Identifier: MIT
# Whatever ends a dump early (a full disk, Deadline, SIGKILL of the process while it dumps) leaves stacks:
# of the crashing thread first, then of the others, then globals; and what is lost is no zeros.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/slow_disk.sh"

need_root
need jq gdb mountpoint prlimit "$PYTHON"
program best_first best_first.c -pthread || fail "best_first.c does not build"
MIB=40

# left NAME DUMP CORE: what gdb shows of it. Leaves $T/NAME.gdb.
left() {
    local name=$1 dump=$2
    equal "$name: outcome" "$(field "$dump" outcome)" cut
    "$DUMPCTL" verify -D "${dump%/*}" >"$T/verify" || fail "$name: $(cat "$T/verify")"
    "$DUMPCTL" extract -D "${dump%/*}" "$(field "$dump" id)" -o "$T/$name.core" 2>"$T/extract"
    "$PYTHON" "$E2E/corelab.py" cut "$T/$name.core" "$3" >"$T/kept" || fail "$name: not the truth"
    echo "$name: $(cat "$T/kept") bytes of memory, $(stat -c %s "$dump") on disk, $(field "$dump" type)"
    gdb_run "$PROGRAMS/best_first" "$T/$name.core" -ex 'bt' -ex 'print text' -ex 'echo \n' \
        -ex 'thread apply all bt 6' -ex 'thread apply all -s frame function worker_wait' \
        -ex 'thread apply all -s -- p mine' -ex 'print counter' \
        -ex "print 7 + parts[0][4096]" -ex "print 7 + parts[1][4096]" >"$T/$name.gdb" || true # what cannot be read is an error
}
has_crash() {
    equal "$1: frames" "$(grep -E '^#[0-9]+ .* crash_here \(depth=' "$T/$1.gdb" | awk '!s[$0]++' | wc -l)" 6
    has "$T/$1.gdb" '^#6 .* main \(argc=2' "$1: main()"
    has "$T/$1.gdb" 'deep in the stack' "$1: the stack"
}
has_threads() {
    for number in 1 2 3; do
        has "$T/$1.gdb" "worker_wait \(number=$number\)" "$1: thread $number"
    done
}
lacks_end() {
    has "$T/$1.gdb" 'Cannot access memory at address' "$1: what is lost can be read"
}

# A disk that is full at some byte, of which nobody knew before; what does not fit is given up by frames.
# The record and headers are 24 KiB.
mkdir -p "$T/full"
for size in 32000 150000 3000000 17000000; do
    dump_config "$T/full/heap-$size.cfg" heap "$T/full/heap-$size"
    printf '#!/bin/sh\nexec prlimit --fsize=%s %s --config=%s "$@"\n' $size "$DUMPD" \
        "$T/full/heap-$size.cfg" >"$T/full/heap-$size.handler"
    chmod 755 "$T/full/heap-$size.handler"
done
crash "$T/full" "" "$PROGRAMS/best_first" $MIB
for size in 32000 150000 3000000 17000000; do
    stored "$T/full" heap-$size "1 4"
    left heap-$size "$(only_dump "$T/full/heap-$size")" "$T/full/kernel.core"
    has_crash heap-$size
    [[ $size == 32000 ]] || has_threads heap-$size
    [[ $size == 32000 ]] || has "$T/heap-$size.gdb" '^\$[0-9]+ = 4711$' "heap-$size: counter"
    lacks_end heap-$size
done

# Memory that no disk takes in, and nobody waits longer than Deadline.
mkdir "$T/late"
slow_store "$T/late/heap"
dump_config "$T/late/heap.conf" heap "$T/late/heap" SpoolMax=0 ReleaseEarly=no Deadline=1s
crash "$T/late" "" "$PROGRAMS/best_first" $MIB
stored "$T/late" heap "1 4"
left late "$(only_dump "$T/late/heap.disk")" "$T/late/kernel.core"
has <(field "$(only_dump "$T/late/heap.disk")" reason) '^Deadline: '
has_crash late
has_threads late
lacks_end late

# The process is killed in the middle: its memory is gone, and the kernel ends the stream, here behind
# what it had written by then.
mkdir "$T/killed"
: >"$T/killed/in-turn" # first all of it for kernel.core
cat >"$T/killer.sh" <<'END'
"$@" &
until [[ -s killed/heap.err.0 ]]; do sleep 0.01; done
sleep 0.7
kill -KILL $!
wait $! && exit 1
exit $?
END
slow_store "$T/killed/heap"
dump_config "$T/killed/heap.cfg" heap "$T/killed/heap" SpoolMax=0 ReleaseEarly=no
cat >"$T/killed/heap.handler" <<END
#!/bin/sh
echo begun >$T/killed/heap.err.0
head -c 100000 | $DUMPD --config=$T/killed/heap.cfg "\$@"
END
chmod 755 "$T/killed/heap.handler"
crash "$T/killed" "" bash "$T/killer.sh" "$PROGRAMS/best_first" $MIB
stored "$T/killed" heap "1 4"
left killed "$(only_dump "$T/killed/heap.disk")" "$T/killed/kernel.core"
field "$(only_dump "$T/killed/heap.disk")" reason >"$T/reason"
has "$T/reason" "^the core ended early: [0-9]+ of [0-9]+ bytes came" "killed: $(cat "$T/reason")"
has_crash killed
has_threads killed
lacks_end killed
