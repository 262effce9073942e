#!/bin/bash
# SPDX-License-Identifier: MIT
# One crash, two sources: what dumpd reads out of the process' memory is, byte for byte, what the
# kernel writes into the pipe. With every kind of page there is, and with many mappings.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/kinds.sh"

program everykind everykind.c -D_GNU_SOURCE || fail "everykind.c does not build"

# All of the dump is of memory, none is of the pipe, and nothing went wrong.
of_memory() {
    local dump
    dump=$(only_dump "$1/$2")
    equal "$2: outcome" "$(field "$dump" outcome)" complete
    if [[ $2 == full ]]; then
        equal "$2: reason" "$(field "$dump" reason)" null
    else
        equal "$2: reason" "$(field "$dump" reason)" "${REASON:-null}"
    fi
    (($(field "$dump" size_memory) > 0)) || fail "$2: nothing was read out of memory"
    (($(field "$dump" size_received) <= $(field "$dump" size_core) - $(field "$dump" size_memory))) ||
        [[ $2 != full ]] || fail "$2: $(field "$dump" size_received) bytes came out of the pipe"
    (($(field "$dump" held) > 0 && $(field "$dump" held) <= $(field "$dump" duration))) ||
        fail "$2: held for $(field "$dump" held) of $(field "$dump" duration)"
}

# What is in the dump is what the program wrote, also where the kernel could not read it.
unhide() { # CORE
    local n
    n=$("$PYTHON" "$E2E/corelab.py" unhide "$1")
    grep -qw ospke /proc/cpuinfo || equal "execute-only memory that is hidden without protection keys" "$n" 0
}

# both DIR COMMAND...: REASON is what dumps that are smaller have to say.
both() {
    local dir=$1 type
    shift
    crash "$dir" "mini heap full" "$@"
    [[ $1 != *everykind* ]] || unhide "$dir/kernel.core"
    for type in mini heap full; do
        extract "$dir" $type
        of_memory "$dir" $type
        "$PYTHON" "$E2E/corelab.py" subset "$dir/$type.core" "$dir/kernel.core" >"$T/kept" ||
            fail "$type.core is not part of the kernel's core"
    done
    same_bytes "$dir/full.core" "$dir/kernel.core"
    rm -r "$dir"
}

# Pages that ksmd has merged are kept as they are.
ksm=/sys/kernel/mm/ksm/run
[[ ! -w $ksm ]] || {
    ksm_before=$(cat $ksm)
    restore_ksm() { echo "$ksm_before" >$ksm; }
    on_exit restore_ksm
    echo 1 >$ksm
}
head -c 65536 /dev/urandom >"$T/file"
both "$T/kinds" "$PROGRAMS/everykind" "$T/file"

# Holes cost nothing: 300 MiB of nothing, and 64 MiB of which little is there.
head -c 65536 /dev/urandom >"$T/file"
CONFIG_LINES=(SpoolMax=0)
both "$T/off" "$PROGRAMS/everykind" "$T/file"
CONFIG_LINES=()

# PN_XNUM: the section header behind all memory is part of the kernel's core.
if [[ -w /proc/sys/vm/max_map_count ]]; then
    program mappings mappings.c -D_GNU_SOURCE || fail "mappings.c does not build"
    REASON="the kernel left out its list of mapped files (sysctl kernel.core_file_note_size_limit); memory that was \
never touched cannot be accessed"
    MAX_MAP_COUNT=200000 both "$T/many" "$PROGRAMS/mappings" 66000
    REASON=
fi

# Of a process of 32 bits, too.
if gcc -m32 -x c -o "$T/32" - <<<'int main(void) { return 0; }' 2>"$T/cc"; then
    program everykind32 everykind.c -D_GNU_SOURCE -m32 || fail "everykind.c does not build, -m32"
    head -c 65536 /dev/urandom >"$T/file"
    both "$T/32bit" "$PROGRAMS/everykind32" "$T/file"
fi
