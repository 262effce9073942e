#!/bin/bash
# SPDX-License-Identifier: MIT
# Nobody's crashes cost others theirs: ten crashes of one user, whose memory lies on a file system that never answers,
# take half of the slots for as long as Deadline allows, and another user's has its dump meanwhile. Their workers
# cannot be ended: they are remembered, dumpctl status names them, and as long as there are as many as slots the
# user's crashes are read from the pipe. When the file system goes, so do they.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/shares.sh"

need_root
need jq setpriv
[[ -w /dev/fuse ]] || skip "no /dev/fuse here"
journal_start
tiny_program
program hanging_file hanging_file.c -D_GNU_SOURCE "$E2E/programs/fuse_server.c" ||
    fail "hanging_file.c does not build"
program hanging_pages hanging_pages.c || fail "hanging_pages.c does not build"
chmod 755 "$T" "$PROGRAMS"
deadline=8
dump_config "$T/c" mini "$T/s" Slots=2 SlotWait=2s Deadline=${deadline}s "RuntimeDirectory=$T/run"

# Without reading ahead who asks for a page cannot be killed before the answer.
mkdir "$T/mount"
"$PROGRAMS/hanging_file" "$T/mount" 1 0 8>&- &
server=$!
on_exit "kill $server 2>/dev/null || true; umount -l $T/mount 2>/dev/null || true"
wait_for 10 test -e "$T/mount/file" || skip "no file system can be mounted here"

as() { # UID COMMAND..., in the background
    exec setpriv --reuid="$1" --regid="$1" --clear-groups "${@:2}"
}
# crash UID PROGRAM...: leaves pid and, in ms, when it had its record.
crash() {
    local start=${EPOCHREALTIME/./}
    as "$@" 2>/dev/null &
    pid=$!
    wait_for 30 has_entry || fail "no record of $pid"
    took=$(((${EPOCHREALTIME/./} - start) / 1000))
}

# What others get while ten of one user's hang, and what the eleventh gets afterwards.
beside() {
    local i pids=() slots
    for ((i = 0; i < 10; i++)); do
        as 12345 "$PROGRAMS/hanging_pages" "$T/mount/file" 2>/dev/null &
        pids+=($!)
    done
    wait_for 5 hanging || fail "they do not hang: $(status .load)"
    sleep 0.5
    slots=$(status '"\(.load.large.taken) \(.load.small.taken)"')
    echo "while ten hang, of 2 large and 8 small slots are taken: $slots"
    crash 23456 "$PROGRAMS/tiny"
    echo "another user's crash: $(entry .DUMPD_OUTCOME), after $took ms"
    equal "another user's" "$(entry .DUMPD_OUTCOME)" complete
    ((took < 1500)) || fail "another user's crash came after $took ms"
    equal "slots" "$slots" "1 4"
    for pid in "${pids[@]}"; do
        wait_for 30 has_entry || fail "no record of $pid"
        entry .DUMPD_REASON >>"$T/reasons"
        entry '[.DUMPD_ACCESS, .DUMPD_ACCESS_REASON] | join(" ")' >>"$T/access"
    done
    equal "without a slot" "$(grep -c 'too many crashes at once of user 12345, whose half of the slots (1 large, 4 small) was taken for 2s: a record only' "$T/reasons")" 5
    equal "left behind" "$(grep -c 'waits for a file system that does not answer, and keeps the dead process. memory' "$T/reasons")" 5
    left_behind
    beyond
}
hanging() {
    (($(status '.load.large.taken + .load.small.taken') >= 5))
}

# None of these is the user's to read: a worker may still write to it.
left_behind() {
    equal "status" "$(status '.load.left_behind | length')" 5
    equal "whose" "$(status '[.load.left_behind[].exe] | unique | join(" ")')" "$PROGRAMS/hanging_pages"
    for pid in $(status '.load.left_behind[].worker'); do
        grep -qs '^Seccomp:.2$' "/proc/$pid/status" || fail "$pid is no worker"
        "$DUMPCTL" status --config="$T/c" >"$T/status" || true
        has "$T/status" "^note +left behind: .*worker $pid of the crashed process [0-9]+ \\($PROGRAMS/hanging_pages\\) for [0-9]+s"
    done
    has "$T/status" 'end its server, .umount -f. it, or for FUSE write 1 to /sys/fs/fuse/connections/NUMBER/abort'
    hasnt "$T/access" owner
    equal "slots afterwards" "$(status '.load.large.taken + .load.small.taken')" 0
}

# The kernel hangs as well, as the pages are private ones: what it wrote until Deadline is the dump, and no further
# worker is left behind. Another user's is as before.
beyond() {
    crash 12345 "$PROGRAMS/hanging_pages" "$T/mount/file"
    echo "the next one: $(entry .DUMPD_OUTCOME), after $took ms"
    has <(entry .DUMPD_REASON) 'the core was read from the pipe alone: as many workers of user 12345 as it may have slots hang'
    equal "the next one" "$(entry .DUMPD_OUTCOME)" cut
    equal "still" "$(status '.load.left_behind | length')" 5
    crash 23456 "$PROGRAMS/tiny"
    hasnt <(entry .DUMPD_REASON) 'pipe alone'
}

with_pattern "|$DUMPD --config=$T/c $LONG_FORM" beside
kill "$server"
umount -l "$T/mount"
nobody_left() {
    [[ $(status '.load.left_behind | length') == 0 ]]
}
wait_for 10 nobody_left || fail "workers are left: $(status .load.left_behind)"
