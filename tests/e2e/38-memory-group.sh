#!/bin/bash
# SPDX-License-Identifier: MIT
# A service of 180 MiB whose memory control group allows 256 is started anew as soon as it has crashed: there is no room
# for the memory of the one that is gone beside it, so that is copied before. Without a limit it is let go first.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need jq
program restarted restarted.c -O1 || fail "restarted.c does not build"

# make_group NAME MIB: v1's files where there are some, else v2's; 0: no limit.
make_group() {
    local mount
    mount=$(awk '$(NF - 2) == "cgroup" && $NF ~ /(^|,)memory(,|$)/ { print $5; exit }' /proc/self/mountinfo)
    if [[ -n $mount ]]; then
        GROUP=$mount/dumpd-test.$$.$1
        mkdir "$GROUP" || skip "no memory control group can be made here"
        (($2 == 0)) || echo "${2}M" >"$GROUP/memory.limit_in_bytes"
    else
        mount=$(awk '$(NF - 2) == "cgroup2" { print $5; exit }' /proc/self/mountinfo)
        [[ -n $mount ]] && echo +memory >"$mount/cgroup.subtree_control" ||
            skip "no memory control group can be made here"
        GROUP=$mount/dumpd-test.$$.$1
        mkdir "$GROUP"
        (($2 == 0)) || echo "${2}M" >"$GROUP/memory.max"
        echo 0 >"$GROUP/memory.swap.max" || true
    fi
    on_exit "wait_for 10 rmdir '$GROUP' 2>/dev/null"
}

# restarted NAME LIMIT: what became of both, and how long the first was held.
restarted() {
    local dir=$T/$1
    make_group "$1" "$2"
    dump_config "$dir.conf" full "$dir"
    crash_direct "$dir.conf" "$PROGRAMS/restarted" 180 "$GROUP/cgroup.procs"
    OUTPUT=$(cat "$T/direct.out")
    wait_dumps "$dir" 1
    DUMP=$(only_dump "$dir")
    equal "$1: outcome" "$(field "$DUMP" outcome)" complete
    equal "$1: memory" "$(($(field "$DUMP" size_memory) >= 180 << 20))" 1
}

for round in 1 2 3; do
    restarted "limit-$round" 256
    equal "256 MiB, round $round" "$OUTPUT" "first: signal 6, second: signal 0, status 0"
    equal "256 MiB, round $round" "$(field "$DUMP" release): $(field "$DUMP" release_reason)" \
        "held: its memory control group has no room for it twice"
done
echo "limit: held $(field "$DUMP" held) of $(field "$DUMP" duration) µs"

# Room for both, or no limit at all: it is let go before all of its memory is copied.
for limit in 512 0; do
    restarted "room-$limit" $limit
    equal "$limit MiB" "$OUTPUT" "first: signal 6, second: signal 0, status 0"
    equal "$limit MiB" "$(field "$DUMP" release)" early
    echo "room $limit: held $(field "$DUMP" held) of $(field "$DUMP" duration) µs"
done
