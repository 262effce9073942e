#!/bin/bash
# SPDX-License-Identifier: MIT
# 70,000 mappings: their number does not fit e_phnum, the first section header has it. For so many the kernel leaves
# NT_FILE out, too.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/kinds.sh"

[[ -w /proc/sys/vm/max_map_count ]] || skip "vm.max_map_count cannot be written here"
program mappings mappings.c || fail "mappings.c does not build"
# eu-stack compares all segments with each other: 16 s for the kernel's core.
STACKS_OF=mini
KIND_TYPES=heap
SMALLER_REASON="the kernel left out its list of mapped files (sysctl kernel.core_file_note_size_limit); memory that was \
never touched cannot be accessed"
MAX_MAP_COUNT=100000 check_kind mappings "$PROGRAMS/mappings" "$PROGRAMS/mappings" 70000
equal "status" "$CRASH_STATUS" 139
crashed_in "$T/mappings" crash_here
# What makes the case: more program headers than 16 bits count.
eu-readelf -h "$T/mappings/kernel.core" >"$T/header"
has "$T/header" 'Number of program headers entries: +(65535 \(PN_XNUM\)|[7-9][0-9]{4})|65535'
values "$PROGRAMS/mappings" "$T/mappings/mini.core" page_count >"$T/values"
has "$T/values" '^page_count = 70000$'
# And no row of small mappings makes a mini dump large.
(($(stat -c %s "$T/mappings/mini.core") < 64 << 20)) ||
    fail "mini.core has $(stat -c %s "$T/mappings/mini.core") bytes"

# heap has them all, and so PN_XNUM in headers of dumpd's own.
readelf -hW "$T/mappings.heap/heap.core" >"$T/header"
has "$T/header" 'Number of program headers: +65535 \(700[0-9]{2}\)'
check_segments "$T/mappings.heap/heap.core"
"$PYTHON" "$E2E/corelab.py" subset "$T/mappings.heap/heap.core" "$T/mappings.heap/kernel.core" >"$T/kept" ||
    fail "heap.core is not part of the kernel's core"
values "$PROGRAMS/mappings" "$T/mappings.heap/heap.core" 'pages[0]' 'pages[40960000]' >"$T/values"
has "$T/values" '^pages\[0\] = 1 '
has "$T/values" '^pages\[40960000\] = 1 '

# The drop map has every mapping; people get a few lines of it, programs all.
for type in mini heap full; do
    store=$T/mappings.$type/$type
    [[ $type != mini ]] || store=$T/mappings/mini
    "$DUMPCTL" info --memory -D "$store" >"$T/$type.text"
    (($(wc -l <"$T/$type.text") < 80)) || fail "$type: a picture of $(wc -l <"$T/$type.text") lines"
    has "$T/$type.text" ' 35000 mappings$'
    (($("$DUMPCTL" info --memory --all -D "$store" | wc -l) > 70000)) || fail "$type: --all is not all"
    "$DUMPCTL" info --memory --json -D "$store" >"$T/$type.json"
    (($(jq '.[0].ranges | length' "$T/$type.json") >= 70000)) || fail "$type: ranges are missing"
done
