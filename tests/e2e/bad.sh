# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What holds for every bad input: a documented exit code, the reason told to people, nothing in
# the store but valid dumps. Sourced after lib.sh; its scripts run a journald, so that the exit
# code is about the input.

need_root
need gdb zstd jq readelf journalctl "$PYTHON"

# feed NAME TYPE CORE "CODES" [ARGUMENT...]: one bad core through dumpd. Leaves $FEED_DUMP, the
# path of what was stored, or nothing.
feed() {
    local name=$1 type=$2 core=$3 codes=$4
    shift 4
    rm -rf "$T/store"
    dump_config "$T/feed.conf" "$type" "$T/store"
    replay "$T/feed.conf" "$core" "$@"
    [[ " $codes " == *" $REPLAY_STATUS "* ]] ||
        fail "$name, $type: exit code $REPLAY_STATUS, want one of: $codes; $(head -c 500 "$T/replay.err")"
    no_control_bytes "$T/replay.err"
    check_left "$name, $type"
}

# What is left is a dump or nothing, as the exit code says.
check_left() {
    FEED_DUMP=
    case $REPLAY_STATUS in
    0 | 1 | 4)
        FEED_DUMP=$(only_dump "$T/store")
        check_dump "$1" "$FEED_DUMP"
        ;;
    *)
        empty_store "$T/store"
        ;;
    esac
    [[ $REPLAY_STATUS == 0 || -s $T/replay.err ]] || fail "$1: exit code $REPLAY_STATUS and no word why"
}

# A dump that can be used: its record tells what it lacks, it extracts, its segments are in it.
check_dump() {
    local what=$1 dump=$2 store=${2%/*}
    if [[ $REPLAY_STATUS == 1 ]]; then
        equal "$what: outcome" "$(field "$dump" outcome)" cut
        [[ $(field "$dump" reason) != null ]] || fail "$what: cut, and no reason in the record"
    fi
    rm -f "$T/feed.core"
    "$DUMPCTL" extract -D "$store" "$(field "$dump" id)" -o "$T/feed.core" >"$T/feed.out" 2>&1 ||
        fail "$what: dumpctl extract: $(cat "$T/feed.out")"
    zstd -dcq "$dump" | cmp - "$T/feed.core" >&2 || fail "$what: zstd and dumpctl disagree"
    equal "$what: size" "$(field "$dump" size_dump)" "$(stat -c %s "$T/feed.core")"
}

# The core that all are made from.
good_core() {
    program frames frames.c || fail "frames.c does not build"
    crash "$T/good" "full" "$PROGRAMS/frames" segv
    GOOD=$T/good/kernel.core
}

corelab() {
    "$PYTHON" "$E2E/corelab.py" "$@"
}
