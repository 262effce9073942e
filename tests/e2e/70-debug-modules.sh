#!/bin/bash
# SPDX-License-Identifier: MIT
# dumpctl debug keeps debuggers from libraries that are other builds by now, a changed plugin and a changed libc,
# and lists them; with --sysroot=DIR it finds the right ones.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/debug.sh"

build "$T/p" -DPLUGIN
build "$T/old.so" -shared -fPIC "$E2E/programs/debug_plugin.c"
build "$T/new.so" -shared -fPIC -DNEW "$E2E/programs/debug_plugin.c"
was=$(build_id_of "$T/old.so") is=$(build_id_of "$T/new.so")

# without REGEX: the plugin is missing, and the program and the rest are there.
without() {
    local debugger
    for debugger in $DEBUGGERS; do
        shown $debugger
        hasnt "$T/$debugger.out" 'newe(r|st)|plugin_(inner|outer)' "$debugger's backtrace"
        has "$T/$debugger.err" "$1" "what is said before $debugger"
        has "$T/$debugger.out" '[ `]outer ?\(|[ `]main ?\(' "$debugger's backtrace"
        # libc is not kept away with it
        has "$T/$debugger.out" 'root/.*/libc\.so\.6' "$debugger's list of libraries"
    done
}

mkdir "$T/lib"
cp "$T/old.so" "$T/lib/plugin.so"
crashed "$T/p" "$T/lib/plugin.so"
both plugin_
cat "$T/new.so" >"$T/lib/plugin.so"
without "^dumpctl debug:   $T/lib/plugin.so: build-id $is, was $was$"
mkdir -p "$T/right/$T/lib"
cp "$T/old.so" "$T/right/$T/lib/plugin.so"
both plugin_ --sysroot="$T/right"
# The linker's name of it leads through .., and where it was a link, to another build.
DEBUGGERS=gdb
ln -s plugin.so.1 "$T/lib/linked.so"
cp "$T/old.so" "$T/lib/plugin.so.1"
cp "$T/new.so" "$T/lib/plugin.so.2"
crashed "$T/p" "$T/lib/../lib/linked.so"
ln -sf plugin.so.2 "$T/lib/linked.so"
both plugin_

# A path that is not absolute leads elsewhere from where the debugger is started.
crash_here() {
    crashed sh -c "cd $T/lib && exec $T/p ./plugin.so.1"
}
crash_here
cp "$T/new.so" "$T/plugin.so.1"
cd "$T"
both plugin_
cat "$T/new.so" >"$T/lib/plugin.so.1"
without "$T/lib/plugin.so.1: build-id $is, was $was"

# libc: in a copy whose build-id is another, names are still the same, and not to be shown.
libc=$(ldd "$T/p" | sed -n 's/.*=> \(.*libc.so.6\) .*/\1/p')
mkdir "$T/libc"
cp "$libc" "$T/libc/libc.so.6"
build "$T/a" -DABORT
crashed env LD_LIBRARY_PATH="$T/libc" "$T/a"
shown gdb
has "$T/gdb.out" '(abort|raise|pthread_kill).*\(' "the frames of libc"
# 20 bytes at the end of the note
objcopy --dump-section .note.gnu.build-id="$T/note" "$libc" "$T/ignored"
printf '%036d' 0 | tr 0 '\245' | dd of="$T/note" bs=1 seek=16 count=20 conv=notrunc status=none
objcopy --update-section .note.gnu.build-id="$T/note" "$libc" "$T/libc/other"
mv "$T/libc/other" "$T/libc/libc.so.6"
for DEBUGGERS in gdb lldb; do
    shown $DEBUGGERS
    has "$T/$DEBUGGERS.err" "^dumpctl debug:   $T/libc/libc.so.6: build-id a5a5[a5]*, was $(build_id_of "$libc")$"
    hasnt "$T/$DEBUGGERS.out" '(abort|raise|pthread_kill|libc_start).*\('
done
