#!/bin/bash
# SPDX-License-Identifier: MIT
# A reason is the one that holds: threads that have no registers, memory that the kernel was told to leave out, and
# cores of gdb's generate-core-file are no corruption.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need zstd jq gdb
program kernel_threads kernel_threads.c || fail "kernel_threads.c does not build"
program frames frames.c || fail "frames.c does not build"
program signals signals.c -pthread || fail "signals.c does not build"
dump_config "$T/c" mini "$T/s"
cat >"$T/all.sh" <<EOF2
"$PROGRAMS/kernel_threads" && echo ring >"$T/no-ring"
echo 0 >/proc/self/coredump_filter
"$PROGRAMS/frames" segv
echo 0x33 >/proc/self/coredump_filter
"$PROGRAMS/signals" undumped
exit 0
EOF2
crash_direct "$T/c" bash "$T/all.sh"
wait_dumps "$T/s" 3
# reason_of NAME: what the record of that program says.
reason_of() {
    local file
    for file in "$T"/s/core."$1".*; do
        field "$file" reason
        field "$file" threads >"$T/threads"
    done
}
reason_of kernel_threads >"$T/r"
equal "threads" "$(cat "$T/threads")" 2
has "$T/r" "^a thread is the kernel's own, as the workers of io_uring are"
hasnt "$T/r" 'stack pointer|nowhere|cannot be read'
reason_of frames >"$T/r"
has "$T/r" '^the kernel did not offer the private memory of the process \(coredump_filter'
hasnt "$T/r" 'stack pointer|nowhere|cannot be read'

reason_of signals >"$T/r"
has "$T/r" '^the kernel did not offer the memory that a thread.s stack pointer leads to \(MADV_DONTDUMP'
hasnt "$T/r" 'nowhere|outside all memory|cannot be read'

# gdb's own core of a living process has no program headers for text; once more as the kernel would send it.
sleep 100 &
sleeper=$!
on_exit "kill $sleeper"
gdb -nx -q -batch -p $sleeper -ex "generate-core-file $T/gcore" >"$T/gdb.out" 2>&1 || true
[[ -s $T/gcore ]] || fail "no core of gdb's: $(tail -3 "$T/gdb.out")"
"$DUMPCTL" refilter --type=mini "$T/gcore" "$T/again.zst" >"$T/out" 2>&1 || fail "refilter: $(cat "$T/out")"
field "$T/again.zst" reason >"$T/r"
hasnt "$T/r" 'nowhere|outside all memory'
find "$T/s" -type f -delete
replay "$T/c" "$T/gcore"
field "$(only_dump "$T/s")" reason >"$T/r"
hasnt "$T/r" 'nowhere|outside all memory'
