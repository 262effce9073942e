#!/bin/bash
# SPDX-License-Identifier: MIT
# dumpctl debug of a program whose file is another by now: rebuilt in place, replaced, removed. It is told,
# and no function is shown that did not run; with --exe=FILE the right one is taken, and a wrong one is not.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/debug.sh"

DEBUGGERS=gdb
for kind in -no-pie -pie; do
    rm -f "$T/p"
    build "$T/old" $kind
    build "$T/new" $kind -DNEW
    cp "$T/old" "$T/p"
    crashed "$T/p"
    was=$(build_id_of "$T/old") is=$(build_id_of "$T/new")
    both ''
    not="$T/p is not the program that crashed \\(build-id $is, was $was\\)"
    DEBUGGERS="gdb lldb"
    cat "$T/new" >"$T/p"
    neither "$not"
    DEBUGGERS=gdb
    both '' --exe="$T/old"
    neither "$T/new is not the program that crashed \\(build-id $is, was $was\\)" --exe="$T/new"
done
