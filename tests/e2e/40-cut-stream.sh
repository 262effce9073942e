#!/bin/bash
# SPDX-License-Identifier: MIT
# The stream ends early, as it does when somebody kills the crashing process: at every byte of
# the ELF header, around every edge of the rest. What can be kept is kept and says what it lacks;
# what it has is the truth.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/bad.sh"

journal_start
good_core
notes_end=$(corelab notes-end "$GOOD")
size=$(stat -c %s "$GOOD")

stored=0
for cut in $(corelab cuts "$GOOD"); do
    head -c "$cut" "$GOOD" >"$T/cut.core"
    for type in full mini; do
        if ((cut < notes_end)); then
            feed "cut at $cut" $type "$T/cut.core" "1 3"
        else
            feed "cut at $cut" $type "$T/cut.core" "1"
            corelab cut "$T/feed.core" "$GOOD" >"$T/kept" || fail "cut at $cut, $type: not the truth"
            equal "cut at $cut: truncated" "$(field "$FEED_DUMP" truncated)" 1
            equal "cut at $cut: received" "$(field "$FEED_DUMP" size_received)" "$cut"
            stored=$((stored + 1))
        fi
        ((cut >= 64)) || equal "cut at $cut, in the ELF header" "$REPLAY_STATUS" 3
    done
done
((stored >= 30)) || fail "only $stored of the cuts were behind the notes"

# Nothing is missing: then nothing is cut.
feed "not cut" full "$GOOD" "0"
same_bytes "$T/feed.core" "$GOOD"
equal "received" "$(field "$FEED_DUMP" size_received)" "$size"
equal "truncated" "$(field "$FEED_DUMP" truncated | sed 's/null/0/')" 0

# All but the last page: threads and frames are there.
head -c $((size - 4096)) "$GOOD" >"$T/cut.core"
feed "last page" full "$T/cut.core" "1"
gdb_run "$PROGRAMS/frames" "$T/feed.core" -ex 'info threads' -ex 'x/i $pc' >"$T/gdb"
has "$T/gdb" 'crash_here'
# The journal has it as well.
journal_entries DUMPD_ID="$(field "$FEED_DUMP" id)" >"$T/entry"
equal "entries" "$(wc -l <"$T/entry")" 1
equal "in the journal" "$(jq -r .DUMPD_OUTCOME "$T/entry")" cut
equal "in the journal" "$(jq -r .COREDUMP_TRUNCATED "$T/entry")" 1
