#!/bin/bash
# SPDX-License-Identifier: MIT
# The journal entry of a real crash: the fields that systemd-coredump's readers know, ours, and
# no environment unless the administrator asked for it.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need journalctl jq zstd
program frames frames.c || fail "frames.c does not build"
journal_start

export E2E_SECRET=do-not-store-this
crash "$T/a" "mini none" "$PROGRAMS/frames" segv
for type in mini none; do
    equal "$type: exit code" "$(cat "$T/a/$type.rc")" 0
done
pid=$(tr '\0' '\n' <"$T/a/done" | head -1)
journal_entries MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1 COREDUMP_PID="$pid" >"$T/entries"
equal "entries" "$(wc -l <"$T/entries")" 2
jq -c 'select(.DUMPD_TYPE == "mini")' "$T/entries" >"$T/entry"
jq -c 'select(.DUMPD_TYPE == "none")' "$T/entries" >"$T/none"
equal "entries of mini" "$(wc -l <"$T/entry")" 1

is() {
    equal "$1" "$(jq -r --arg name "$1" '.[$name]' "${3:-$T/entry}")" "$2"
}
dump=$(only_dump "$T/a/mini")
is _UID 0
is _TRANSPORT journal
is PRIORITY 2
is SYSLOG_IDENTIFIER dumpd
is COREDUMP_PID "$pid"
is COREDUMP_TID "$pid"
is COREDUMP_UID 0
is COREDUMP_GID 0
is COREDUMP_SIGNAL 11
is COREDUMP_SIGNAL_NAME SIGSEGV
is COREDUMP_COMM frames
is COREDUMP_EXE "$PROGRAMS/frames"
is COREDUMP_CMDLINE "$PROGRAMS/frames segv"
is COREDUMP_CWD "$T"
is COREDUMP_HOSTNAME "$(uname -n)"
is COREDUMP_RLIMIT 18446744073709551615
is COREDUMP_FILENAME "$dump"
is DUMPD_ID "$(field "$dump" id)"
is DUMPD_TYPE mini
is DUMPD_OUTCOME complete
is DUMPD_VERIFIED 1
is DUMPD_THREADS 1
is DUMPD_SIZE_CORE "$(stat -c %s "$T/a/kernel.core")"
is DUMPD_SIZE_FILE "$(stat -c %s "$dump")"
is DUMPD_FAULT_ADDRESS 0x10
is DUMPD_BOOT_ID "$(tr -d - </proc/sys/kernel/random/boot_id)"
is COREDUMP_FILENAME null "$T/none"
is DUMPD_OUTCOME record "$T/none"
# COREDUMP_TIMESTAMP: microseconds, and of this crash.
stamp=$(jq -r .COREDUMP_TIMESTAMP "$T/entry")
((stamp / 1000000 >= $(date +%s) - 300 && stamp / 1000000 <= $(date +%s))) || fail "timestamp $stamp"
is COREDUMP_ENVIRON null
hasnt "$T/entries" do-not-store-this "the entries"
jq -r .MESSAGE "$T/entry" >"$T/message"
has "$T/message" "^Process $pid \(frames\) of user 0 dumped core\."
for name in COREDUMP_PROC_MAPS COREDUMP_PROC_STATUS COREDUMP_PROC_LIMITS; do
    [[ $(jq -r --arg name $name '.[$name]' "$T/entry") != null ]] || fail "no $name"
done

CONFIG_LINES=(StoreEnvironment=yes)
crash "$T/b" "mini" "$PROGRAMS/frames" segv
pid=$(tr '\0' '\n' <"$T/b/done" | head -1)
journal_entries COREDUMP_PID="$pid" | jq -r .COREDUMP_ENVIRON >"$T/environ"
has "$T/environ" '^E2E_SECRET=do-not-store-this$'
# And never in the dump's own record.
record_of "$(only_dump "$T/b/mini")" >"$T/record"
hasnt "$T/record" do-not-store-this
