#!/bin/bash
# SPDX-License-Identifier: MIT
# A program that knows nothing of hints, and the library that says them for it.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/hints.sh"

need_root
need jq zstd
"${CC:-cc}" -std=c11 -shared -fPIC "${HINT_FLAGS[@]}" -o "$T/preload.so" "$HINTS/examples/preload.c" \
    -ldl || fail "preload.c does not build"
program unchanged unchanged.c -rdynamic || fail "unchanged.c does not build"
exe=$PROGRAMS/unchanged
hints='keep state 16;; pointee	buffer 0x20 ;secret key 64; text last_error 200; drop environ 8;'

example_start preload env LD_PRELOAD="$T/preload.so" DUMPD_HINTS="$hints" "$exe"
example_stop
equal "what it printed on standard error" "$(cat "$T/preload.err")" ""
{
    echo "table 1024"
    echo "keep $(said "$T/preload.said" state) 16 0 state"
    echo "pointee $(said "$T/preload.said" '&buffer') 32 0 buffer"
    echo "secret $(said "$T/preload.said" key) 64 0 key"
    echo "text $(said "$T/preload.said" last_error) 200 0 last_error"
    echo "drop $(said "$T/preload.said" '&environ') 8 0 environ"
} >"$T/want"
same_text "$T/preload.table" "$T/want"

example_crash preload "full mini" env LD_PRELOAD="$T/preload.so" DUMPD_HINTS="$hints" "$exe" crash
has "$T/preload/hints" "^keep $(said "$T/preload/out" buffer) 32 0 buffer$"
has "$T/preload/hints" "^secret $(said "$T/preload/out" key) 64 0 key$"
has "$T/preload/hints" '^says last_error: disk full$'

# Mistakes are told once each, and the program runs.
wrong='keep; keep state; keep state 1 2; hold state 8; keep state 0; keep state -1; keep state 8x;'
wrong+='secret no_such_symbol 8; keep state 8'
example_start wrong env LD_PRELOAD="$T/preload.so" DUMPD_HINTS="$wrong;$(printf 'x%.0s' {1..2000})" "$exe"
example_stop
equal "tables" "$(cut -d' ' -f1,3- "$T/wrong.table")" "table"$'\n'"keep 8 0 state"
equal "complaints" "$(grep -c '^DUMPD_HINTS: ' "$T/wrong.err")" 9
hasnt "$T/wrong.err" "^[^D]"
has "$T/wrong.err" "secret no_such_symbol 8': the program has no such symbol"
# Without the variable there is no table.
example_start none env LD_PRELOAD="$T/preload.so" "$exe"
example_stop
equal "a table that nobody asked for" "$(cat "$T/none.table")" ""
