#!/bin/bash
# SPDX-License-Identifier: MIT
# The list of objects has cycles, leads nowhere, or has no end: its beginning is kept, or what
# lies beside the objects, and the frames are there.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/hostile.sh"

[[ $(uname -m) == x86_64 ]] || skip "liar.c is for x86-64"
program liar liar.c -D_GNU_SOURCE -fno-stack-protector -pthread || fail "liar.c does not build"

# lie NAME [REASON]
lie() {
    hostile "$1" "$PROGRAMS/liar" "$PROGRAMS/liar" "$1"
    same "$T/$1" pointees fields
    if [[ -n ${2-} ]]; then
        said "$T/$1" "$2"
    else
        said_nothing "$T/$1"
    fi
    rm -r "${T:?}/$1"
}

lie nothing
lie cycle 'list of objects has no end'
lie self 'list of objects has no end'
# Of more objects than any process has the first are kept, and gdb says where they end.
MAY_SAY='^warning: Error reading shared library list entry' lie long 'list of objects has no end'
lie names
lie version
lie map 'list of objects cannot be read'
lie next 'list of objects cannot be read'
# gdb 13 follows r_next for ever, in whatever core.
hostile_dump "$T/namespaces" "$PROGRAMS/liar" namespaces
same_stacks "$T/namespaces" "$PROGRAMS/liar"
said "$T/namespaces" 'list of objects has no end'

lie dynamic 'list of objects cannot be read'
