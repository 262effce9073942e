#!/bin/bash
# SPDX-License-Identifier: MIT
# Arguments that the kernel never gives, but a hand does, or an old kernel with a hostile %e. A
# dump is not lost to an option that cannot be read.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/bad.sh"

journal_start
good_core
pid=$(gone_pid)

# Wrong usage: said so, nothing stored.
wrong() {
    local name=$1
    shift
    dump_config "$T/feed.conf" full "$T/wrong"
    REPLAY_STATUS=0
    timeout 20 "$DUMPD" --config="$T/feed.conf" "$@" <"$GOOD" >"$T/out" 2>"$T/err" || REPLAY_STATUS=$?
    equal "$name: exit code" "$REPLAY_STATUS" 2
    has "$T/err" '.' "$name: standard error"
    no_control_bytes "$T/err"
    empty_store "$T/wrong"
}
wrong "no argument"
wrong "one argument" "$pid"
wrong "two arguments" "$pid" 11
wrong "an option that is none" --nonsense
wrong "PID of letters" abc 11 comm
wrong "PID 0" 0 11 comm
wrong "negative PID" -5 11 comm
wrong "PID with a tail" "${pid}x" 11 comm
wrong "empty PID" "" 11 comm
wrong "huge PID" 99999999999999999999 11 comm
wrong "PID with an escape" $'1\033[31m' 11 comm

# Readable enough: stored, root-only.
kept() {
    local name=$1
    shift
    feed "$name" full "$GOOD" "0" "$@"
    same_bytes "$T/feed.core" "$GOOD"
    equal "$name: mode" "$(stat -c %a "$FEED_DUMP")" 600
    equal "$name: owner" "$(stat -c %u "$FEED_DUMP")" 0
}
kept "three arguments" "$pid" 11 comm
kept "an option not known" "$pid" 11 comm -z9
kept "an option without a value" "$pid" 11 comm -d -u -g
kept "options of letters" "$pid" 11 comm -dx -ux -gx -cx -tx -Ix -Fx
kept "options twice" "$pid" 11 comm -d1 -u1000 -g1000 -d1 -u1000 -g1000
kept "huge options" "$pid" 11 comm -d1 -u99999999999999999999 -t99999999999999999999 -c99999999999999999999999
kept "empty arguments" "$pid" 11 comm "" "" ""
kept "a descriptor that is not open" "$pid" 11 comm -d1 -F77
kept "a descriptor that is no pidfd" "$pid" 11 comm -d1 -F0
kept "signal of letters" "$pid" eleven comm -d1
kept "signal 999" "$pid" 999 comm -d1
kept "empty comm" "$pid" 11 "" -d1
kept "split comm of an old kernel" "$pid" 11 a b c -d1 -u1000

# The PID of a living process that has not crashed: its facts are not this crash's.
feed "a living PID" full "$GOOD" "0" "$$" 11 comm -d1 -u0 -g0
same_bytes "$T/feed.core" "$GOOD"
[[ $(field "$FEED_DUMP" verified) != 1 ]] || fail "an unrelated process was taken for the crashed one"
feed "a living PID" mini "$GOOD" "0 1" "$$" 11 comm -d1 -u0 -g0
corelab subset "$T/feed.core" "$GOOD" >"$T/kept" || fail "memory of an unrelated process in the dump"
