#!/bin/bash
# SPDX-License-Identifier: MIT
# A 32-bit program: ELFCLASS32 core, other registers, other notes.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/kinds.sh"

[[ $(uname -m) == x86_64 ]] || skip "only x86-64 runs i386 programs"
program frames-32 frames.c -m32 2>"$T/cc" || skip "the compiler has no -m32"
program tiny-32 tiny.c -m32 -nostdlib -static -ffreestanding -fno-stack-protector -fno-pie -no-pie ||
    fail "tiny.c does not build with -m32"

check_kind frames "$PROGRAMS/frames-32" "$PROGRAMS/frames-32" segv
equal "status" "$CRASH_STATUS" 139
crashed_in "$T/frames" crash_here
has "$T/frames/mini.readelf" 'Class: +ELF32'
has "$T/frames/mini.frames" '#3 0x[0-9a-f]+ main$'
equal "arch" "$(field "$(only_dump "$T/frames/mini")" arch)" i386
values "$PROGRAMS/frames-32" "$T/frames/mini.core" counter head.next.next.name message >"$T/values"
has "$T/values" '^counter = 4711$'
has "$T/values" '^head.next.next.name = "third'
has "$T/values" '^message = .*"of the run"$'

check_kind tiny "$PROGRAMS/tiny-32" "$PROGRAMS/tiny-32"
crashed_in "$T/tiny" tiny_crash
