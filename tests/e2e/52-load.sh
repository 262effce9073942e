#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Too many crashes: what a crash gets that finds no slot, or that is one too many of its program or its
# user; what the record says, and what dumpctl status shows. And where the runtime directory is damaged
# or no directory: every crash has its dump.

. "$(dirname "$0")/lib.sh"

need_root
need jq journalctl setpriv flock
tiny_program
journal_start

RUN=$T/load
# configure TYPE LINE...: a store and counts of its own
configure() {
    local type=$1
    shift
    rm -rf "$T/store" "$RUN"
    mkdir -m 755 "$T/store"
    printf '%s\n' '[Dump]' "Type=$type" "Directory=$T/store" "RuntimeDirectory=$RUN" "$@" >"$T/load.conf"
}

handlers_gone() {
    local exe
    for exe in /proc/[0-9]*/exe; do
        [[ $(readlink "$exe" 2>/dev/null) != "$T/dumpd" ]] || return 1
    done
}

# crashes N [COMMAND...]: so many of one program, by this user or as the command makes it
crashes() {
    local n=$1
    shift
    for ((i = 0; i < n; i++)); do
        "$@" "$T/tiny" 2>/dev/null || true
    done
    wait_for 60 handlers_gone || fail "a handler does not end"
}

run() {
    SINCE=$EPOCHSECONDS
    with_pattern "|$T/dumpd --config=$T/load.conf $LONG_FORM" "$@" >"$T/run.out" 2>&1 ||
        fail "$(cat "$T/run.out")"
    journal_entries --since="@$SINCE" MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1 "COREDUMP_EXE=$T/tiny" |
        jq -s 'map(select(.DUMPD_ID as $id | $seen | index($id) | not)) | sort_by(.COREDUMP_TIMESTAMP)' --argjson seen "$SEEN" >"$T/entries"
    SEEN=$(jq -c --argjson seen "$SEEN" '$seen + map(.DUMPD_ID)' "$T/entries")
}
SEEN='[]'

# "full complete", one for each entry
results() {
    jq -r '[.[] | "\(.DUMPD_TYPE) \(.DUMPD_OUTCOME)"] | join(", ")' "$T/entries"
}

reasons() {
    jq -r '.[].DUMPD_REASON // ""' "$T/entries" >"$T/reasons"
}

# Crashes that the entries are for.
told() {
    jq 'map(1 + (.DUMPD_REPEATED // "0" | tonumber)) | add' "$T/entries"
}

status() {
    { "$DUMPCTL" status --json --config="$T/load.conf" || true; } | jq -r "$1"
}

cp "$DUMPD" "$T/dumpd"
cp "$PROGRAMS/tiny" "$T/tiny"

# One program again and again: as configured, then mini, then records, of which one waits for the others.
configure full RatePeriod=100s RateDumps=2 RateMini=1
run crashes 9
equal "what a loop gets" "$(results)" \
    "full complete, full complete, mini complete, none record, none record"
equal "crashes in the entries" "$(told)" 9
equal "crashes that the last one is for" "$(jq -r '.[4].DUMPD_REPEATED' "$T/entries")" 4
equal "no command line without a look for secrets" "$(jq -r '.[4].COREDUMP_CMDLINE' "$T/entries")" null
equal "executable" "$(jq -r '.[4].COREDUMP_EXE' "$T/entries")" "$T/tiny"
equal "no long fields" "$(jq -r '.[4].COREDUMP_PROC_MAPS' "$T/entries")" null
reasons
has "$T/reasons" '^3 crashes of this executable in 100s: mini is kept at most \(RateDumps= and RateMini= in dumpd.conf allow more\)$'
has "$T/reasons" '^[0-9] crashes of this executable in 100s: a record only \(RateDumps= '
has "$T/reasons" '^this record is also for 4 more crashes of it, which have none of their own$'
equal "dumps" "$(dump_count "$T/store")" 3
equal "who is limited" "$(status '.load.limited[] | "\(.exe) \(.uid) \(.dumps) \(.mini) \(.records) \(.pending)"')" \
    "$T/tiny 0 2 1 6 0"
equal "the check" "$(status '.checks[] | select(.check == "rate limit") | .state')" note
"$DUMPCTL" info --config="$T/load.conf" "$(jq -r '.[4].DUMPD_ID' "$T/entries")" >"$T/info"
has "$T/info" 'Stands for more: 4$'
# Another user has none of this.
run crashes 1 setpriv --reuid=12345 --regid=12345 --clear-groups
equal "another user's" "$(results)" "full complete"

# A user's programs together; root has no such limit.
configure full RateDumps=infinity RateUserDumps=2 RateUserMini=1
run crashes 4 setpriv --reuid=12345 --regid=12345 --clear-groups
equal "what a user gets" "$(results)" "full complete, full complete, mini complete, none record"
reasons
has "$T/reasons" '^4 crashes of the programs of user 12345 in 10min: a record only \(RateUserDumps= and RateUserMini='
run crashes 4
equal "what root gets" "$(results)" "full complete, full complete, full complete, full complete"

# All large slots are taken: mini at most. All are: a record after the wait.
hold() { # NAME...
    local name
    mkdir -m 700 -p "$RUN"
    for name; do
        flock "$RUN/$name" sleep 60 &
        HOLDERS+=($!)
    done
    for name; do
        wait_for 10 taken "$RUN/$name" || fail "$name cannot be held"
    done
}
taken() {
    ! flock -n "$1" true
}
let_go() {
    local pid
    for pid in "${HOLDERS[@]}"; do
        end_children "$pid"
    done
    HOLDERS=()
}
# flock(1) waits for the sleep that has the lock: end that.
end_children() {
    local child
    for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
        kill "$child" 2>/dev/null || true
    done
    wait "$1" 2>/dev/null || true
}
HOLDERS=()
on_exit let_go

configure full Slots=1 SlotWait=1s
hold large.0
run crashes 1
equal "without a large slot" "$(results)" "mini complete"
reasons
has "$T/reasons" '^too many crashes at once, all of 1 large slots were taken: mini is kept at most \(Slots= '
hold small.0 small.1 small.2 small.3
equal "taken" "$(status '.load | "\(.large.taken)/\(.large.slots) \(.small.taken)/\(.small.slots)"')" "1/1 4/4"
equal "the check" "$(status '.checks[] | select(.check == "slots") | .state')" note
run crashes 1
equal "without a slot" "$(results)" "none record"
reasons
has "$T/reasons" '^too many crashes at once, all of 1 large and 3 small slots were taken for 1s: a record only \(Slots= and SlotWait='
let_go
run crashes 1
equal "afterwards" "$(results)" "full complete"
equal "taken afterwards" "$(status '.load | .large.taken + .small.taken')" 0

# A runtime directory that is none, or of which a file is damaged, limits nothing and loses nothing.
configure full RateDumps=1 RateMini=0
run crashes 1
for damage in 'rm -r "$RUN"; ln -s /etc "$RUN"' 'chmod 755 "$RUN"' 'rm "$RUN/rates"; mkdir "$RUN/rates"' \
    ': >"$RUN/rates"' 'head -c 100000 /dev/urandom >"$RUN/rates"' 'rm "$RUN/rates"; mkfifo "$RUN/rates"' \
    'rm -r "$RUN"; echo >"$RUN"' 'rm "$RUN/rates"; ln -s /etc/passwd "$RUN/rates"'; do
    configure full RateDumps=1 RateMini=0
    run crashes 1
    equal "before: $damage" "$(results)" "full complete"
    eval "$damage"
    run crashes 1
    equal "$damage" "$(results)" "full complete"
    rm -rf "$RUN"
done
