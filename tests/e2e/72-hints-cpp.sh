#!/bin/bash
# SPDX-License-Identifier: MIT
# The example in C++: hints that end with their scope, follow a moved object, and come with an
# allocator.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/hints.sh"

need_root
need g++ jq zstd
g++ -std=c++11 -g "${HINT_FLAGS[@]}" -o "$T/example" "$HINTS/examples/example.cpp" ||
    fail "example.cpp does not build"
example_start cpp "$T/example"
example_stop
example_crash cpp "full mini" "$T/example" crash
equal "status" "$CRASH_STATUS" 134

# The order that went out of scope left a hole, which the third one took.
for s in "$T/cpp.said" "$T/cpp/out"; do
    {
        echo "text $(said "$s" text) 0 why"
        echo "secret $(said "$s" secret) 0 allocator"
        said "$s" keep | sed 's/.*/keep & 0 order/'
    } | sort >"$s.want"
done
equal "orders" "$(grep -c '^keep ' "$T/cpp.said.want")" 2
sort "$T/cpp.table" | grep -v '^table 1024$' >"$T/table"
same_text "$T/table" "$T/cpp.said.want"
grep -v '^found\|^says' "$T/cpp/hints" | sort >"$T/hints"
same_text "$T/hints" "$T/cpp/out.want"
has "$T/cpp/hints" '^says why: order 4711 has no customer$'
