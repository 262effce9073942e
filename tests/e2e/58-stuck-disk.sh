#!/bin/bash
# SPDX-License-Identifier: MIT
# A disk that does not come back from fsync(2), as a frozen one: whose dump is packed waits for it without a slot, so
# that the slots are there for others; but no more of one user than may have slots. When the disk answers, all dumps
# are there.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/shares.sh"

need_root
need jq setpriv
journal_start
tiny_program
. "$E2E/slow_disk.sh"
slow_store "$T/s"
chmod 755 "$T" "$PROGRAMS"
stuck=$T/s.shut.fsync
printf '[Dump]\nType=mini\nDirectory=%s\nRuntimeDirectory=%s\nSlots=2\nSlotWait=1s\n' "$T/s" "$T/run" >"$T/c"

# crash UID: leaves pid; the process is let go.
crash() {
    setpriv --reuid="$1" --regid="$1" --clear-groups "$PROGRAMS/tiny" 2>/dev/null &
    pid=$!
    wait "$pid" 2>/dev/null || true
}

beside() {
    local i
    >"$stuck"
    for ((i = 0; i < 5; i++)); do
        crash 12345
    done
    wait_for 5 no_slot || fail "slots are taken: $(status .load)"
    crash 12345
    wait_for 5 has_entry || fail "a sixth of the same user has no end"
    has <(entry .DUMPD_REASON) 'too many crashes at once of user 12345, whose half of the slots .1 large, 4 small. was taken'
    crash 23456
    sleep 2
    equal "another user's, while the disk is stuck" "$(entry .DUMPD_OUTCOME)" ""
    wait_for 5 no_slot || fail "slots are taken: $(status .load)"
    equal "dumps, while the disk is stuck" "$(dump_count "$T/s.disk")" 0
    rm "$stuck"
    wait_for 10 has_entry || fail "no record when the disk answers"
    equal "another user's" "$(entry .DUMPD_OUTCOME)" complete
    wait_for 10 has_dumps "$T/s.disk" 6 || fail "dumps: $(dump_count "$T/s.disk")"
}
no_slot() {
    [[ $(status '.load.large.taken + .load.small.taken') == 0 ]]
}
with_pattern "|$DUMPD --config=$T/c $LONG_FORM" beside
crash_again() {
    crash 12345
    wait_for 5 has_entry || fail "no record afterwards"
    equal afterwards "$(entry .DUMPD_OUTCOME)" complete
}
with_pattern "|$DUMPD --config=$T/c $LONG_FORM" crash_again
