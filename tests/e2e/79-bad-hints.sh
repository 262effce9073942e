#!/bin/bash
# SPDX-License-Identifier: MIT
# Tables of hints that are wrong make a dump smaller, and never larger; none is lost, and no secret is
# in it. What the program excludes by madvise() no hint brings back.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/hints.sh"

need_root
need jq zstd setpriv
program bad_tables bad_tables.c -I"$HINTS" || fail "bad_tables.c does not build"
"$PYTHON" "$E2E/secrets.py" make 2 "$T/secrets"

# memory_of DUMP: bytes of memory that its headers name.
memory_of() {
    zstd -dcq --memory=128MB "$1" >"$T/core"
    "$PYTHON" "$E2E/corelab.py" memory "$T/core"
}

# crashed HOW TYPE: its dump, which has to be complete and without secrets.
crashed() {
    local dump
    dump=$(only_dump "$T/$1/$2")
    equal "$1: outcome of $2" "$(field "$dump" outcome)" complete
    memory_of "$dump" >"$T/memory"
    record_of "$dump" >"$T/record"
    "$PYTHON" "$E2E/secrets.py" find "$T/secrets" "$T/core" "$T/record" >&2 || fail "$1: a secret in $2"
}

unreadable="the program's hints cannot be read, and they may name secrets, so no memory was kept"
for how in version entry_size magic state kind no_first_page truncated many endless; do
    crash "$T/$how" "triage mini full" "$PROGRAMS/bad_tables" "$how" <"$T/secrets"
    equal "$how: status" "$CRASH_STATUS" 139
    for type in triage mini full; do
        crashed "$how" $type
        equal "$how: memory in $type" "$(cat "$T/memory")" 0
        [[ $(field "$(only_dump "$T/$how/$type")" reason) == *"$unreadable"* ]] || fail "$how: no reason in $type"
        hasnt "$T/record" "bad_tables $how"
    done
done

# What is understood, however absurd, keeps to the budget.
for how in nothing all_kept all_secret itself; do
    crash "$T/$how" "stacks mini full" "$PROGRAMS/bad_tables" "$how" <"$T/secrets"
    equal "$how: status" "$CRASH_STATUS" 139
    for type in stacks mini full; do
        crashed "$how" $type
        (($(cat "$T/memory") <= 9 << 20)) || [[ $type == full ]] || fail "$how: $(cat "$T/memory") bytes in $type"
    done
done
# [vsyscall] is above all addresses that a hint can name, and the same everywhere.
one_of "all is a secret: memory" "$(memory_of "$(only_dump "$T/all_secret/full")")" 0 4096

# The table of a set-user-ID program is one like any other; its dump is root's.
install -m 4755 "$PROGRAMS/bad_tables" "$T/suid"
for how in nothing version; do
    SUID_DUMPABLE=2 crash "$T/suid.$how" "mini full" setpriv --reuid 65534 --regid 65534 --clear-groups \
        "$T/suid" "$how" <"$T/secrets"
    equal "suid $how: status" "$CRASH_STATUS" 139
    for type in mini full; do
        crashed "suid.$how" $type
        equal "suid $how: mode" "$(stat -c '%u %a' "$(only_dump "$T/suid.$how/$type")")" "0 600"
        [[ $how == nothing || $(cat "$T/memory") == 0 ]] || fail "suid $how: memory in $type"
        [[ $how == version || $(cat "$T/memory") -gt 0 ]] || fail "suid $how: no memory in $type"
    done
done
