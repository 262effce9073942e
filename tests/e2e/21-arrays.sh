#!/bin/bash
# SPDX-License-Identifier: MIT
# Of an array whose length stands beside the pointer to it the last element is there, too.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need gdb zstd jq "${CXX:-c++}"
mkdir -p "$PROGRAMS"
EXE=$PROGRAMS/arrays
"${CXX:-c++}" -std=c++17 -O0 -g -Wall -Wextra -Wno-array-bounds -o "$EXE" "$E2E/programs/arrays.cc" ||
    fail "arrays.cc does not build"
crash "$T/a" mini "$EXE"
extract "$T/a" mini
size=$(stat -c %s "$(only_dump "$T/a/mini")")
((size < 1000000)) || fail "mini: $size bytes"
values "$EXE" "$T/a/mini.core" 'numbers->_M_impl._M_start[4999]' 'names->_M_impl._M_start[299]' \
    'squares->array[3999]' 'squares->array[2000]' >"$T/values"
has "$T/values" 'numbers.* = 14997$'
has "$T/values" 'names.* = 0x[0-9a-f]+ "name N"$'
has "$T/values" 'array.3999. = 15992001$'
has "$T/values" 'array.2000. = 4000000$'
