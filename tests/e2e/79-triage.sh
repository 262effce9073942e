#!/bin/bash
# SPDX-License-Identifier: MIT
# A dump of type triage has nobody's data in it, but where dumpd(8) says so: of letters of any
# width, in all memory that it looks at, none is left.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need zstd journalctl
program letters letters.c -pthread || fail "letters.c does not build"
"$PYTHON" "$E2E/secrets.py" make 20 "$T/all"
# Those in a global variable that is initialised, and in .bss that shares a page with it.
head -c 96 "$T/all" >"$T/data"
tail -c +97 "$T/all" >"$T/secrets"
argument=$(tail -c 96 "$T/all" | head -c 48)
SECRET_VALUE=$(tail -c 48 "$T/all")
export SECRET_VALUE

# hushed WHAT PATH...
hushed() {
    local what=$1
    shift
    "$PYTHON" "$E2E/secrets.py" find "$T/secrets" "$@" >&2 || fail "letters in $what"
}

# look WHAT STORE
look() {
    local dump
    dump=$(only_dump "$2")
    zstd -dcq "$dump" >"$T/core"
    hushed "$1" "$T/core" "$dump"
    "$PYTHON" "$E2E/secrets.py" whole "$T/data" "$T/core" ||
        fail "$1: dumpd(8) says that changed pages of files are kept whole"
    "$DUMPCTL" info --memory --json -D "$2" >"$T/memory.json"
    "$DUMPCTL" info --json -D "$2" >"$T/info.json"
    hushed "what dumpctl says of $1" "$T/memory.json" "$T/info.json"
}

journal_start
mkdir -p "$T/crash/cwd.$argument"
crash "$T/live" "triage mini" env -C "$T/crash/cwd.$argument" LD_BIND_NOW=1 \
    "$PROGRAMS/letters" "$argument" <"$T/all"
equal "status" "$CRASH_STATUS" 139
look triage "$T/live/triage"
journalctl --sync >/dev/null 2>&1 || true
journalctl -q --no-pager -o export "COREDUMP_EXE=$PROGRAMS/letters" DUMPD_TYPE=triage >"$T/journal"
has "$T/journal" '^COREDUMP_COMM=letters$'
hushed "the journal" "$T/journal"

for from in "$T/live/kernel.core" "$(only_dump "$T/live/mini")"; do
    rm -rf "$T/again"
    mkdir "$T/again"
    "$DUMPCTL" refilter --type triage "$from" "$T/again/x.zst" >"$T/again.out" 2>&1 ||
        fail "refilter: $(cat "$T/again.out")"
    look "triage made of $from" "$T/again"
done
