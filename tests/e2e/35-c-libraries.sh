#!/bin/bash
# SPDX-License-Identifier: MIT
# glibc, glibc of 32 bits, musl: each has its own list of objects, control blocks and thread-local
# data. A library came by dlopen, two threads are in it, and what they point to is on the heap.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/hostile.sh"

OWN='/libplugged-'

# plugged NAME COMPILER...
plugged() {
    local name=$1
    shift
    CC=$1
    program "plugged-$name" plugged.c -D_GNU_SOURCE -pthread "${@:2}" -ldl || fail "plugged.c, $name"
    program "libplugged-$name.so" plugged.c -DLIBRARY -shared -fPIC "${@:2}" ||
        fail "libplugged.so, $name"
    EXE=$PROGRAMS/plugged-$name
    hostile "$name" "$EXE" "$EXE" "$PROGRAMS/libplugged-$name.so"
    same "$T/$name" pointees fields globals
    said_nothing "$T/$name"
    has "$T/$name/mini.frames" ' library_run$'
    has "$T/$name/mini.frames" "libplugged-$name.so\$"
    equal "threads" "$(head -1 "$T/$name/mini.frames")" "threads 2"
    values "$EXE" "$T/$name/mini.core" items.next.next.name library_items.name library_counter \
        >"$T/values"
    has "$T/values" '^items.next.next.name = "of the host'
    has "$T/values" '^library_items.name = "in the library'
    has "$T/values" '^library_counter = 4$'
}

# By gdb's thread library, and so by all that it needs of libpthread.
TLS='host_number
host_item
*host_item
library_note
library_call
errno'
plugged glibc gcc
same "$T/glibc" tls libraries

if gcc -m32 -x c -o "$T/32" - <<<'int main(void) { return 0; }' 2>"$T/cc"; then
    plugged i386 gcc -m32
    same "$T/i386" tls libraries
    equal "arch" "$(field "$(only_dump "$T/i386/mini")" arch)" i386
fi

# gdb knows no thread-local data of musl: by its struct pthread {self, dtv}, dtv {count, blocks...}.
need musl-gcc
TLS='*(char (*)[96])((char **)*(long *)($fs_base + 8))[2]
*(char (*)[16])((char **)*(long *)($fs_base + 8))[1]'
plugged musl musl-gcc
same "$T/musl" tls
