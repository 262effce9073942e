#!/bin/bash
# SPDX-License-Identifier: MIT
# Private memory that was never touched reads as 0, as the process itself would; what has pages and is not
# dumped cannot be accessed.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need gdb lldb readelf zstd jq
program untouched untouched.c || fail "untouched.c does not build"
EXE=$PROGRAMS/untouched

# seen NAME: what gdb shows, in $T/values
seen() {
    extract "$T/$1" mini
    values "$EXE" "$T/$1/mini.core" 'view->never[3000]' 'view->fresh[20000000]' 'view->excluded[5]' \
        'view->excluded[20000000]' >"$T/values"
    has "$T/values" 'excluded.5. = .*Cannot access memory' "$1"
}

crash "$T/plain" "mini full" "$EXE"
# full is the kernel's core, which has a header without content for what it does not dump.
extract "$T/plain" full
values "$EXE" "$T/plain/full.core" 'view->excluded[5]' >"$T/values"
has "$T/values" 'excluded.5. = 0 ' full
seen plain
has "$T/values" 'never.3000. = 0$'
has "$T/values" 'fresh.20000000. = 0 ' plain
has "$T/values" 'excluded.20000000. = 0 ' plain
address=$(values "$EXE" "$T/plain/mini.core" '(long)&never[3000]' | sed 's/.* = //')
lldb --no-lldbinit --batch -o "target create --core $T/plain/mini.core $EXE" \
    -o "memory read -s4 -c1 -fx $address" >"$T/lldb" 2>&1 || true
has "$T/lldb" ': 0x00000000$' lldb
equal "reason" "$(field "$(only_dump "$T/plain/mini")" reason)" null

# Filtered anew it is the same: the drop map has it.
mkdir "$T/again" "$T/again/mini"
"$DUMPCTL" refilter -D "$T/plain/mini" --type mini "$(field "$(only_dump "$T/plain/mini")" id)" \
    "$T/again/mini/x.zst" >"$T/refilter" 2>&1 || fail "$(cat "$T/refilter")"
seen again
has "$T/values" 'never.3000. = 0$' again
has "$T/values" 'fresh.20000000. = 0 ' again
"$DUMPCTL" info --memory --json -D "$T/plain/mini" | jq -S '[.[0].ranges[] | select(.fate == "untouched") | del(.rank)]' >"$T/before"
"$DUMPCTL" info --memory --json -D "$T/again/mini" | jq -S '[.[0].ranges[] | select(.fate == "untouched") | del(.rank)]' >"$T/after"
same_text "$T/before" "$T/after"
has "$T/before" untouched

# It is not known of an absent page what it would be filled with.
crash "$T/userfault" mini "$EXE" userfault
seen userfault
has "$T/values" 'fresh.20000000. = .*Cannot access memory' userfault
has "$T/values" 'never.3000. = .*Cannot access memory' userfault

# Half of 64 MiB in pages: as many headers as there may be.
crash "$T/pieces" mini "$EXE" pieces
seen pieces
has "$T/values" 'never.3000. = 0$'
has <(field "$(only_dump "$T/pieces/mini")" reason) 'never touched is in more than 4096 pieces' "reason"
headers=$(readelf -lW "$T/pieces/mini.core" 2>/dev/null | awk '$1 == "LOAD" && $5 == "0x000000"' | wc -l)
((headers >= 4096 && headers < 4400)) || fail "$headers program headers without content"
