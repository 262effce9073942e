#!/bin/bash
# SPDX-License-Identifier: MIT
# A stack that is a part of a larger mapping, with a signal handler or a fiber on it: all frames of all
# threads, their locals and what these point to, and of what lies above the stack no more than fits.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/kinds.sh"

program part_stacks part_stacks.c -pthread || fail "part_stacks.c does not build"
EXE=$PROGRAMS/part_stacks

# small DIR TYPE: below 2 MB, compressed.
small() {
    local size
    size=$(stat -c %s "$(only_dump "$1/$2")")
    ((size < 2000000)) || fail "${1##*/} $2: $size bytes, want less than 2000000"
}

for which in fiber handler; do
    dir=$T/$which
    crash "$dir" "mini stacks" "$EXE" "$which"
    for type in mini stacks; do
        small "$dir" $type
        extract "$dir" $type
    done
    check_memory "$dir"
    check_gdb "$dir" "$EXE"
    frames "$EXE" "$dir/stacks.core" "$dir/stacks.frames"
    same_text "$dir/kernel.frames" "$dir/stacks.frames"
    has "$dir/mini.frames" ' crash$'
    VALUES_FRAME=crash values "$EXE" "$dir/mini.core" depth note node.id node.text node.next.text \
        'node.next.next.id' >"$T/values"
    has "$T/values" '^depth = 0$' "$which"
    has "$T/values" '^note = "depth 0' "$which"
    has "$T/values" '^node.id = 19991$' "$which"
    has "$T/values" '^node.text = 0x[0-9a-f]+ "node 19991"$' "$which"
    has "$T/values" '^node.next.text = 0x[0-9a-f]+ "node 19990"$' "$which"
    has "$T/values" '^node.next.next.id = 19989$' "$which"
done
has "$T/fiber/mini.frames" ' crashing_fiber$'
equal "waiting fibers" "$(grep -c ' waiting_fiber$' "$T/fiber/mini.frames")" 3
has "$T/handler/mini.frames" ' give_up$'
has "$T/handler/mini.frames" ' on_segv$'
has "$T/handler/mini.frames" ' main$'
VALUES_FRAME=on_segv values "$EXE" "$T/handler/mini.core" where info.si_signo >"$T/values"
has "$T/values" '^where = "signal 11 at 0x8 of'
has "$T/values" '^info.si_signo = 11$'
