#!/bin/bash
# SPDX-License-Identifier: MIT
# Pointers into every kind of memory: what the kernel's core has of it, the dump has, too. What
# it has not, no debugger sees as anything else.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/hostile.sh"

[[ $(uname -m) == x86_64 ]] || skip "pointees.c is for x86-64"
program pointees pointees.c -D_GNU_SOURCE || fail "pointees.c does not build"
head -c 262144 /dev/urandom >"$T/file"

hostile kinds "$PROGRAMS/pointees" "$PROGRAMS/pointees" "$T/file"
same "$T/kinds" fields
# Of what it leaves out the kernel's core has a header without bytes, which gdb shows as zeros.
equal "what is not there" "$(jq -r '.examples.pointees[].where' "$T/kinds/compared" |
    sed 's/.*crash_here \([a-z_]*\)@.*/\1/')" left_out
said_nothing "$T/kinds"
values "$PROGRAMS/pointees" "$T/kinds/mini.core" private.name shared.name memfd.name hidden.name \
    changed.name low.self left_out.name gone.name >"$T/values"
has "$T/values" '^private.name = "private'
has "$T/values" '^shared.name = "shared'
has "$T/values" '^memfd.name = "of a memfd'
has "$T/values" '^hidden.name = "behind PROT_NONE'
has "$T/values" '^changed.name = "of a file, changed'
has "$T/values" '^low.self = 0x[0-9a-f]{6,8}$'
has "$T/values" '^left_out.name = error: Cannot access memory'
has "$T/values" '^gone.name = error: Cannot access memory'
