#!/bin/bash
# SPDX-License-Identifier: MIT
# The example in C, also with 32 bits and static with musl: what it says is in its table, and in
# its core, where pointers and lengths have the values of the crash.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/hints.sh"

need_root
need jq zstd
# name, compiler and flags
kinds=("c ${CC:-cc} -std=c11" "c17 ${CC:-cc} -std=gnu17 -O2")
if [[ $(uname -m) == x86_64 ]]; then
    kinds+=("c-32 ${CC:-cc} -std=c11 -m32")
fi
command -v musl-gcc >/dev/null || skip "musl-gcc is not installed"
kinds+=("c-musl musl-gcc -std=c11 -static")

for kind in "${kinds[@]}"; do
    read -r name compiler <<<"$kind"
    exe=$T/example-$name
    # shellcheck disable=SC2086
    $compiler "${HINT_FLAGS[@]}" -o "$exe" "$HINTS/examples/example.c" || fail "$kind"

    example_start "$name" "$exe"
    s=$T/$name.said
    width=8
    [[ $name != c-32 ]] || width=4
    read -r pointer _ <<<"$(said "$s" pointee)"
    length_at=$(sed -n 's|^pointee .* at \(0x[0-9a-f]*\)/.*|\1|p' "$T/$name.table")
    {
        echo "table 1024"
        echo "secret $(said "$s" secret) 0 password"
        echo "keep $(said "$s" keep) 0 request"
        echo "pointee $pointer 65536 1 journal at $length_at/$width"
        echo "drop $(said "$s" drop) 0 cache"
        echo "text $(said "$s" text) 0 why"
    } >"$T/want"
    same_text "$T/$name.table" "$T/want"
    example_stop

    example_crash "$name" "full mini" "$exe" crash
    equal "status of $name" "$CRASH_STATUS" 134
    s=$T/$name/out
    {
        echo "found 1 unreadable 0 problem none"
        echo "secret $(said "$s" secret) 0 password"
        echo "keep $(said "$s" keep) 0 request"
        echo "keep $(said "$s" journal) 1 journal"
        echo "drop $(said "$s" drop) 0 cache"
        echo "text $(said "$s" text) 0 why"
        echo "says why: order 4711 has no customer"
    } >"$T/want"
    same_text "$T/$name/hints" "$T/want"
done
