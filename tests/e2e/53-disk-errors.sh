#!/bin/bash
# SPDX-License-Identifier: MIT
# A disk that gives errors: a dump that verifies, or a record that says why; never a stray file.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/bad.sh"

need strace
journal_start
good_core
mkdir "$T/store"
dump_config "$T/feed.conf" full "$T/store"

# Errors that a disk of one's own cannot be made to give: at the n-th call of each thread, from there
# on or once.
faults=0
for error in ENOSPC EDQUOT EIO; do
    for at in pwrite64:1+ pwrite64:5+ pwrite64:9+ pwrite64:5 fsync:1+ fsync:2+ linkat:1+; do
        rm -f "$T/store"/*
        rc=0
        timeout 60 strace -f -qq -o "$T/trace" -e trace="${at%:*}" \
            -e inject="${at%:*}:error=$error:when=${at#*:}" \
            "$DUMPD" --config="$T/feed.conf" "$(gone_pid)" 11 faulty -d1 -u0 -g0 \
            <"$GOOD" 2>"$T/fault.err" || rc=$?
        one_of "$error at $at: exit" $rc 0 1 3
        grep -q INJECTED "$T/trace" || [[ $at == pwrite64:* ]] || fail "$error at $at: nothing was injected"
        faults=$((faults + 1))
        if ((rc == 3)); then
            empty_store "$T/store"
            [[ -s $T/fault.err ]] || fail "$error at $at: no word why"
            continue
        fi
        "$DUMPCTL" verify -D "$T/store" >"$T/verify" || fail "$error at $at: $(cat "$T/verify")"
    done
done
echo "$faults faults"
