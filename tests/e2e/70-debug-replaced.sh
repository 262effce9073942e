#!/bin/bash
# SPDX-License-Identifier: MIT
# dumpctl debug of a program whose file was replaced or removed, before the crash or after it: as by a package's
# upgrade. Nothing waits for what has its name now.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/debug.sh"

build "$T/old" -no-pie
build "$T/new" -no-pie -DNEW
was=$(build_id_of "$T/old") is=$(build_id_of "$T/new")
# Another file takes the name while the program runs; the old build comes back later.
cp "$T/old" "$T/p"
crashed sh -c 'exec 3<"$0"; cp "$1" "$0.x"; mv "$0.x" "$0"; exec /proc/self/fd/3' "$T/p" "$T/new"
has <(field "$(only_dump "$T/c/mini")" exe) "^$T/p \\(deleted\\)$" "the executable"
neither "$T/p is not the program that crashed \\(build-id $is, was $was\\)"
DEBUGGERS=gdb both '' --exe="$T/old"
cp "$T/old" "$T/p.x"
mv "$T/p.x" "$T/p"
both ''
# Removed, and nothing in its place; what is there is not opened if it is no file.
rm "$T/p"
DEBUGGERS=gdb neither "without the executable $T/p \\(it is not there\\): only the core is opened"
mkfifo "$T/p"
DEBUGGERS=gdb neither "without the executable $T/p \\(it is not a file\\): only the core is opened"
rm "$T/p"
ln -s "$T/p" "$T/p"
DEBUGGERS=gdb neither "without the executable $T/p \\(.*\\): only the core is opened"
rm "$T/p"
rc=0
"$DUMPCTL" debug -D "$T/c/mini" --exe="$T/nowhere" >"$T/out" 2>&1 || rc=$?
equal "--exe of nothing" "$rc" 2
has "$T/out" "--exe .$T/nowhere.: No such file"

