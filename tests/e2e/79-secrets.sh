#!/bin/bash
# SPDX-License-Identifier: MIT
# What a program calls a secret is nowhere: in no dump of any type, cut or not, nor in what is
# made of one, nor in its record, drop map, extended attributes or journal entry.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/hints.sh"

need_root
[[ $(uname -m) == x86_64 ]] || skip "secrets.c is for x86-64"
need zstd journalctl strace
TYPES="none triage stacks mini heap custom full"

# hushed WHAT SECRETS PATH...
hushed() {
    local what=$1
    shift
    "$PYTHON" "$E2E/secrets.py" find "$@" >&2 || fail "a secret in $what"
}

# look WHAT STORE: the dumps of a store and all that dumpctl says of them.
look() {
    local what=$1 store=$2 dump name
    mkdir -p "$T/look"
    rm -f "$T/look"/*
    for dump in "$store"/*.zst; do
        [[ -e $dump ]] || continue
        name=${dump##*/}
        zstd -dcq --memory=128MB "$dump" >"$T/look/$name.core" || fail "$what: zstd -d"
        head -c 16384 "$dump" >"$T/look/$name.record"
    done
    "$DUMPCTL" info --all --json -D "$store" >"$T/look/info.json" 2>/dev/null || true
    "$DUMPCTL" info -D "$store" >"$T/look/info" 2>/dev/null || true
    "$DUMPCTL" info --memory --json -D "$store" >"$T/look/memory.json" 2>/dev/null || true
    hushed "$what" "$T/secrets" "$T/look" "$store"
}

program secrets secrets.c -I"$HINTS" -pthread || fail "secrets.c does not build"
"$PYTHON" "$E2E/secrets.py" make 15 "$T/secrets"
argument=$(tail -c 96 "$T/secrets" | head -c 48)
SECRET_VALUE=$(tail -c 48 "$T/secrets")
export SECRET_VALUE

journal_start
CONFIG_LINES=(StoreEnvironment=yes)
# LD_BIND_NOW: when it looks up a function, the linker saves vector registers on the stack.
crash "$T/all" "$TYPES" env LD_BIND_NOW=1 "$PROGRAMS/secrets" "$argument" <"$T/secrets"
unset SECRET_VALUE
equal "status" "$CRASH_STATUS" 139
"$PYTHON" "$E2E/secrets.py" whole "$T/secrets" "$T/all/kernel.core" || fail "nothing to find"
for type in $TYPES; do
    look "$type" "$T/all/$type"
done
journalctl --sync >/dev/null 2>&1 || true
journalctl -q --no-pager -o export "COREDUMP_EXE=$PROGRAMS/secrets" >"$T/journal"
has "$T/journal" '^COREDUMP_EXE='
hushed "the journal" "$T/secrets" "$T/journal"

# Nor in the record of a crash of which nothing else is kept.
SECRET_VALUE=$(tail -c 48 "$T/secrets") CORE_LIMIT=0 crash "$T/record" full env LD_BIND_NOW=1 \
    "$PROGRAMS/secrets" "$argument" <"$T/secrets"
empty_store "$T/record/full"
journalctl --sync >/dev/null 2>&1 || true
journalctl -q --no-pager -o export "COREDUMP_EXE=$PROGRAMS/secrets" DUMPD_OUTCOME=record >"$T/journal"
has "$T/journal" '^COREDUMP_RLIMIT=0$'
hasnt "$T/journal" '^(COREDUMP_(CMDLINE|ENVIRON)|DUMPD_ARGUMENTS)'
hushed "the journal's records" "$T/secrets" "$T/journal"

# Nor in the record of a crash whose worker dies before it has looked for secrets.
dump_config "$T/die.conf" full "$T/die" StoreEnvironment=yes
printf '#!/bin/sh\nexec strace -f -qq -o %s -e trace=seccomp -e inject=seccomp:signal=KILL %s --config=%s "$@"\n' \
    "$T/trace" "$DUMPD" "$T/die.conf" >"$T/die.sh"
chmod 755 "$T/die.sh"
SECRET_VALUE=$(tail -c 48 "$T/secrets") with_pattern "|$T/die.sh $LONG_FORM" env LD_BIND_NOW=1 \
    "$PROGRAMS/secrets" "$argument" <"$T/secrets" >"$T/out" 2>&1 || true
died() {
    journalctl -q --sync >/dev/null 2>&1 || true
    journalctl -q --no-pager -o export DUMPD_OUTCOME=failed >"$T/journal"
    grep -q '^COREDUMP_COMM=secrets' "$T/journal"
}
wait_for 20 died || fail "no record of a worker that was killed"
has "$T/journal" 'the worker was killed by signal 9'
hasnt "$T/journal" '^(COREDUMP_(CMDLINE|ENVIRON)|DUMPD_ARGUMENTS)'
hushed "the record of a worker that was killed" "$T/secrets" "$T/journal"

# Once more through the filter, out of a core that has them and out of a dump that has not.
for from in "$T/all/kernel.core" "$(only_dump "$T/all/full")" "$(only_dump "$T/all/mini")"; do
    for type in triage mini full; do
        rm -rf "$T/again"
        mkdir "$T/again"
        "$DUMPCTL" refilter --type $type "$from" "$T/again/x.zst" >"$T/again.out" 2>&1 ||
            fail "refilter --type $type $from: $(cat "$T/again.out")"
        look "$type made of $from" "$T/again"
        hushed "what refilter says" "$T/secrets" "$T/again.out"
    done
done

# Its threads take memory and give it back in another order each time: what the C library does then is allowed.
for ((n = 0; n < 12; n++)); do
    rm "$T/again"/*
    "$DUMPCTL" refilter --type full "$(only_dump "$T/all/full")" "$T/again/x.zst" >"$T/again.out" 2>&1 ||
        fail "refilter, once more: $(cat "$T/again.out")"
done

# Cut: by a limit, and by the end of the core, wherever it is.
size=$(stat -c %s "$T/all/kernel.core")
for type in mini full; do
    for at in 12288 $((size / 2)) $((size - 4096)); do
        rm -rf "$T/cut"
        head -c "$at" "$T/all/kernel.core" >"$T/cut.core"
        dump_config "$T/cut.conf" $type "$T/cut"
        replay "$T/cut.conf" "$T/cut.core"
        dump_config "$T/cut.conf" $type "$T/cut" "MaxSize=$at"
        replay "$T/cut.conf" "$T/all/kernel.core"
        equal "dumps of $type cut at $at" "$(dump_count "$T/cut")" 2
        look "$type cut at $at" "$T/cut"
    done
done
