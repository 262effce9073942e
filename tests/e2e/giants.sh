# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Processes of which there is more than of any other. Sourced after hostile.sh.

[[ $(uname -m) == x86_64 ]] || skip "giant.c is for x86-64"
[[ -w /proc/sys/vm/max_map_count ]] || skip "vm.max_map_count cannot be written here"
program giant giant.c -D_GNU_SOURCE -pthread || fail "giant.c does not build"

# The sanitizers' build is not measured, and is slow: it gets a smaller one of each kind.
threads=4000 mib=2048 mappings=70000 objects=8000 noisy=128
if [[ $BUILD == *sanitize* ]]; then
    threads=500 mib=64 mappings=7000 objects=800 noisy=8
fi

# giant NAME TYPE ARGUMENTS...
giant() {
    local dir=$T/$1 type=$2
    HOSTILE_TYPES=$type MAX_MAP_COUNT=200000 hostile_dump "$dir" "$PROGRAMS/giant" "${@:3}"
    frames "$PROGRAMS/giant" "$dir/$type.core" "$dir/$type.frames"
    has "$dir/$type.frames" ' crash_here$'
    has "$dir/$type.frames" ' crash_with$'
    if [[ $type != triage ]]; then # its budget is less than the stack
        frames "$PROGRAMS/giant" "$dir/kernel.core" "$dir/kernel.frames"
        same_text "$dir/kernel.frames" "$dir/$type.frames"
        has "$dir/$type.frames" ' main$'
    fi
    rm -r "$dir"
}
