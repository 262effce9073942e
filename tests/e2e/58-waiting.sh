#!/bin/bash
# SPDX-License-Identifier: MIT
# A handler that waits for a slot has little memory of its own, whatever the crashed process has: of its facts only
# those are read before that decide about the slot.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need flock
program mappings mappings.c || fail "mappings.c does not build"
dump_config "$T/c" mini "$T/s" Slots=1 SlotWait=20s
printf '#!/bin/sh\necho $$ >%s\nexec %s --config=%s "$@"\n' "$T/handler" "$DUMPD" "$T/c" >"$T/h"
chmod 755 "$T/h"
mkdir -m 700 "$T/run"
for slot in large.0 small.{0..3}; do
    exec {slot_fd}>"$T/run/$slot"
    flock "$slot_fd"
    SLOT_FDS+=("$slot_fd")
done

# The handler is in flock(2): it waits for a slot.
waits() {
    [[ -s $T/handler ]] && grep -q 'flock\|locks_lock' "/proc/$(cat "$T/handler")/wchan"
}
look() {
    local program fd
    "$PROGRAMS/mappings" 60000 &
    program=$!
    wait_for 20 waits || fail "the handler does not wait for a slot"
    sed -n 's/^RssAnon:[^0-9]*\([0-9]*\) kB$/\1/p' "/proc/$(cat "$T/handler")/status" >"$T/rss"
    (($(wc -c <"/proc/$program/maps") > 2 << 20)) || fail "the program has no long list of mappings"
    for fd in "${SLOT_FDS[@]}"; do
        flock -u "$fd"
    done
    wait "$program" 2>/dev/null || true
}
with_pattern "|$T/h $LONG_FORM" look
echo "a handler that waits has $(cat "$T/rss") KiB of its own"
# Sanitizers have much memory of their own.
[[ $BUILD == *sanitize* ]] || (($(cat "$T/rss") < 1024)) || fail "a handler that waits has $(cat "$T/rss") KiB of its own"
wait_dumps "$T/s" 1
equal "outcome" "$(field "$(only_dump "$T/s")" outcome)" complete
