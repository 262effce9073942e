#!/bin/bash
# SPDX-License-Identifier: MIT
# The worker is killed, as where the machine's memory runs out: of what it had written by then a dump is
# made, which says so, and whose stacks are those of the crash. Before memory was written there is a record.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need jq gdb strace "$PYTHON"
[[ $(uname -m) == x86_64 ]] || skip "calls.c knows x86-64 only"
journal_start
program best_first best_first.c -pthread || fail "best_first.c does not build"
program calls ../../fault/calls.c -D_GNU_SOURCE || fail "calls.c does not build"
MIB=40

# At which of its writes, and by which signal. The first three are the headers and the room behind them.
MOMENTS="heap:1 heap:3 heap:4 heap:5 heap:6 heap:9 heap:20 mini:4 mini:5 mini:6 full:4 full:5 full:15
    heap:9:6 heap:9:31"
mkdir -p "$T/k"
for moment in $MOMENTS; do
    IFS=: read -r type number signal <<<"$moment"
    name=${moment//:/-}
    dump_config "$T/k/$name.cfg" "$type" "$T/k/$name"
    printf '#!/bin/sh\nexec %s %s worker w%s kill%s %s --config=%s "$@"\n' "$PROGRAMS/calls" \
        "$T/k/$name.state" "$number" "$signal" "$DUMPD" "$T/k/$name.cfg" >"$T/k/$name.handler"
    chmod 755 "$T/k/$name.handler"
done
# Memory refuses midway, so that the order becomes the pipe's, which the headers in the file do not have: with
# and without a signal some frames later. Who mends has fewer calls of both.
for how in turned "turned-killed -e inject=pwrite64:signal=KILL:when=14"; do
    name=${how%% *}
    dump_config "$T/k/$name.cfg" heap "$T/k/$name" ReleaseEarly=no
    printf '#!/bin/sh\nexec strace -f -qq -o /dev/null -e trace=pread64,pwrite64 %s %s %s --config=%s "$@"\n' \
        '-e inject=pread64:error=EPERM:when=30+' "${how#"$name"}" "$DUMPD" "$T/k/$name.cfg" >"$T/k/$name.handler"
    chmod 755 "$T/k/$name.handler"
done
# It has reported, and only its end is left.
dump_config "$T/k/ended.cfg" heap "$T/k/ended"
printf '#!/bin/sh\nexec %s %s worker e1 kill %s --config=%s "$@"\n' "$PROGRAMS/calls" "$T/k/ended.state" "$DUMPD" \
    "$T/k/ended.cfg" >"$T/k/ended.handler"
chmod 755 "$T/k/ended.handler"
crash "$T/k" "" "$PROGRAMS/best_first" $MIB

# look NAME DUMP: what gdb shows of it. Leaves $T/NAME.gdb.
look() {
    "$DUMPCTL" extract -D "${2%/*}" "$(field "$2" id)" -o "$T/$1.core" 2>"$T/extract" ||
        fail "$1: $(cat "$T/extract")"
    "$PYTHON" "$E2E/corelab.py" cut "$T/$1.core" "$T/k/kernel.core" >"$T/kept" || fail "$1: not the truth"
    echo "$1: $(cat "$T/kept") bytes of memory, $(stat -c %s "$2") on disk"
    gdb_run "$PROGRAMS/best_first" "$T/$1.core" -ex 'bt' -ex 'print text' -ex 'echo \n' \
        -ex 'thread apply all bt 6' -ex 'print counter' -ex 'print 7 + parts[0][4096]' \
        -ex 'print 7 + parts[1][4096]' >"$T/$1.gdb" || true # what cannot be read is an error
}
has_crash() {
    equal "$1: frames" "$(grep -E '^#[0-9]+ .* crash_here \(depth=' "$T/$1.gdb" | awk '!s[$0]++' | wc -l)" 6
    has "$T/$1.gdb" '^#6 .* main \(argc=2' "$1: main()"
    has "$T/$1.gdb" 'deep in the stack' "$1: the stack"
}

WITHOUT=0
for moment in $MOMENTS; do
    IFS=: read -r type number signal <<<"$moment"
    name=${moment//:/-}
    read -r _ _ call <"$T/k/$name.state"
    equal "$name: killed at a call, and not before ($(cat "$T/k/$name.err"))" "$call" 18
    # Who is ended by the filter of system calls may have been taken over before.
    if ((number < 5)) || [[ $signal == 31 ]]; then
        stored "$T/k" "$name" "3 5"
        empty_store "$T/k/$name"
        has "$T/k/$name.err" "the worker was killed by signal ${signal:-9}"
        [[ $signal == 31 ]] || WITHOUT=$((WITHOUT + 1))
        continue
    fi
    stored "$T/k" "$name" "1 4"
    dump=$(only_dump "$T/k/$name")
    equal "$name: outcome" "$(field "$dump" outcome)" cut
    equal "$name: type" "$(field "$dump" type)" "$type"
    equal "$name: truncated" "$(field "$dump" truncated)" 1
    equal "$name: signal" "$(field "$dump" signal_name)" SIGSEGV
    equal "$name: fault" "$(field "$dump" fault_address)" 0x10
    equal "$name: threads" "$(field "$dump" threads)" 4
    [[ $(field "$dump" cmdline) == *best_first* ]] || fail "$name: $(field "$dump" cmdline)"
    [[ $(field "$dump" modules) == *libc* ]] || fail "$name: $(field "$dump" modules)"
    field "$dump" reason >"$T/reason"
    has "$T/reason" "^the worker was killed by signal ${signal:-9}; of [0-9]+ bytes that were to be written [0-9]+ are kept"
    "$DUMPCTL" verify -D "${dump%/*}" >"$T/verify" || fail "$name: $(cat "$T/verify")"
    has "$T/verify" ' 1 cut, 0 damaged' "$name: $(cat "$T/verify")"
    look "$name" "$dump"
    [[ $type == full ]] || has_crash "$name" # which keeps the kernel's order: stacks are at its end
    [[ $type == mini ]] || has "$T/$name.gdb" 'Cannot access memory at address' "$name: what is lost can be read"
done

# Where there is no dump the record has what was known before memory was written; what the filter ended is not
# asked.
journal_entries MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1 COREDUMP_PID="$(field "$dump" pid)" DUMPD_OUTCOME=failed >"$T/failed"
jq -r '"\(.DUMPD_REASON) \(.DUMPD_FAULT_ADDRESS) \(.DUMPD_THREADS)"' "$T/failed" >"$T/known"
equal "killed without a dump" "$(grep -c 'killed by signal 9 0x10 4$' "$T/known")" "$((WITHOUT + 1))" # and turned
has "$T/known" 'which it may not null null$'

read -r _ _ call <"$T/k/ended.state"
equal "ended: killed at a call" "$call" 231
stored "$T/k" ended "0 4"
dump=$(only_dump "$T/k/ended")
equal "ended: outcome" "$(field "$dump" outcome)" complete
"$DUMPCTL" verify -D "${dump%/*}" >"$T/verify" || fail "ended: $(cat "$T/verify")"

stored "$T/k" turned "0 4"
dump=$(only_dump "$T/k/turned")
field "$dump" reason >"$T/reason"
has "$T/reason" '^memory came through the pipe: /proc/PID/mem says (Operation not permitted|No such process)'
(($(field "$dump" size_memory) > 0)) || fail "turned: memory refused from the beginning"
stored "$T/k" turned-killed "3 5"
empty_store "$T/k/turned-killed"
has "$T/k/turned-killed.err" 'the worker was killed by signal 9'

has "$T/heap-20.gdb" 'worker_wait \(number=3\)' "threads are behind the first"
