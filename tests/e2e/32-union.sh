#!/bin/bash
# SPDX-License-Identifier: MIT
# dumpctl lists what journal and store know together: entries without a file are missing, files
# without an entry are found, a copied directory needs no journal.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need journalctl jq zstd
program frames frames.c || fail "frames.c does not build"
journal_start
((JOURNAL_OURS)) || skip "its own journal is needed: this one belongs to the machine"

# One store for all, as on a machine.
store=$T/store
dump_config "$T/dumpd.conf" mini "$store"
one_crash() {
    local n
    n=$(dump_count "$store")
    crash_direct "$T/dumpd.conf" "$PROGRAMS/frames" "$@"
    wait_dumps "$store" $((n + 1))
}
# The journal has the crashes of tests that run beside this one, too.
ours() {
    jq --argjson ids "$IDS" 'map(select(.id | IN($ids[])))'
}
one_crash segv
one_crash abort
one_crash segv
IDS=$(for dump in "$store"/*.zst; do field "$dump" id; done | jq -R . | jq -cs .)
equal "ids" "$(jq 'unique | length' <<<"$IDS")" 3
entries() {
    (($(journal_entries MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1 | jq -r .DUMPD_ID |
        grep -cFf <(jq -r '.[]' <<<"$IDS")) == $1))
}
wait_for 10 entries 3 || fail "three crashes, but no three entries"
list() {
    "$DUMPCTL" list --config="$T/dumpd.conf" --json >"$T/all" || fail "dumpctl list"
    ours <"$T/all" >"$T/list"
}
list
equal "crashes" "$(jq length "$T/list")" 3
equal "states" "$(jq -r 'map(.state) | join(" ")' "$T/list")" "present present present"
equal "signals, oldest first" "$(jq -r 'map(.signal) | join(" ")' "$T/list")" "11 6 11"

# A copy, elsewhere: files only.
cp -r "$store" "$T/copy"
"$DUMPCTL" list -D "$T/copy" --json >"$T/copy.list"
equal "crashes of the copy" "$(jq -c 'map(.id) | sort' "$T/copy.list")" "$(jq -c 'map(.id) | sort' "$T/list")"
id=$(jq -r '.[1].id' "$T/list")
"$DUMPCTL" extract -D "$T/copy" "$id" -o "$T/copy.core" >/dev/null 2>&1 || fail "extract from the copy"
"$DUMPCTL" extract --config="$T/dumpd.conf" "$id" -o "$T/own.core" >/dev/null 2>&1 || fail "extract"
same_bytes "$T/copy.core" "$T/own.core"

# The directory is another one now: dumps of before are elsewhere, and info tells how to open them. What is gone is missing.
dump_config "$T/new.conf" mini "$T/new store"
mv "$store" "$T/old store"
dump_config "$T/old.conf" mini "$T/old store"
crash_direct "$T/old.conf" "$PROGRAMS/frames" segv
wait_dumps "$T/old store" 4
for dump in "$T/old store"/*.zst; do
    [[ $IDS == *$(field "$dump" id)* ]] || moved=$dump
done
moved_id=$(field "$moved" id)
IDS_BEFORE=$IDS
IDS="[\"$moved_id\"]"
wait_for 10 entries 1 || fail "no entry"
moved_state() {
    "$DUMPCTL" list --config="$T/new.conf" --json "$moved_id" | jq -r '.[0].state'
}
equal "elsewhere" "$(moved_state)" elsewhere
"$DUMPCTL" info --config="$T/new.conf" "$moved_id" >"$T/info"
has "$T/info" "^ *Dump: elsewhere, $T/old store/"
sed -n "s/^ *Go on with: .*, or dumpctl \(extract .*\) -o FILE\$/\1/p" "$T/info" >"$T/advice"
bash -c "'$DUMPCTL' $(cat "$T/advice") -o '$T/elsewhere.core'" >"$T/out" 2>&1 || fail "the advice $(cat "$T/advice"): $(cat "$T/out")"
[[ -s $T/elsewhere.core ]] || fail "no core from elsewhere"
"$DUMPCTL" extract --config="$T/new.conf" "$moved_id" -o "$T/no.core" >"$T/out" 2>&1 && fail "extracted from elsewhere without -D"
has "$T/out" 'give its directory with -D'
rm "$moved"
equal "gone from elsewhere" "$(moved_state)" missing
mv "$T/old store" "$store"
IDS=$IDS_BEFORE

# A file gone: its entry says so, and asking for it is an error.
rm "$store"/"$(basename "$(jq -r '.[1].file' "$T/list")")"
list
equal "states" "$(jq -r 'map(.state) | join(" ")' "$T/list")" "present missing present"
"$DUMPCTL" extract --config="$T/dumpd.conf" "$id" -o "$T/gone.core" >"$T/out" 2>&1 && fail "extracted a missing dump"
has "$T/out" 'missing|gone|no longer'
[[ ! -e $T/gone.core ]] || fail "an output without a dump"

# The journal gone: the files are listed all the same.
journald_stop
rm -rf /run/log/journal/*
list
equal "crashes without a journal" "$(jq length "$T/list")" 2
equal "states" "$(jq -r 'map(.state) | join(" ")' "$T/list")" "present present"
