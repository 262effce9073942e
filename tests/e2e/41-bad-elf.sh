#!/bin/bash
# SPDX-License-Identifier: MIT
# Streams that the kernel never writes: no ELF file, headers with absurd numbers, notes longer
# than their segment, segments that overlap. And one that it may write: segments out of order.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/bad.sh"

journal_start
good_core

# Nothing to store: why is in the record, too.
for type in full mini; do
    : >"$T/bad.core"
    feed "empty" $type "$T/bad.core" 3
    head -c 100000 /dev/zero >"$T/bad.core"
    feed "zeros" $type "$T/bad.core" 3
    head -c 100000 "$PYTHON" | tr '\177' 'x' >"$T/bad.core"
    feed "no ELF file" $type "$T/bad.core" 3
    yes 'not a core' | head -c 100000 >"$T/bad.core" || true
    feed "text" $type "$T/bad.core" 3
    feed "a program" $type "$PROGRAMS/frames" 3
done
journal_entries MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1 DUMPD_OUTCOME=failed >"$T/failed"
(($(wc -l <"$T/failed") >= 10)) || fail "10 streams that were no core, $(wc -l <"$T/failed") records"
equal "records without a reason" "$(jq -r 'select(.DUMPD_REASON == null) | .COREDUMP_PID' "$T/failed")" ""
equal "records with a file" "$(jq -r 'select(.COREDUMP_FILENAME != null) | .COREDUMP_PID' "$T/failed")" ""

# bad "CODES" EDIT...
bad() {
    local codes=$1 type
    shift
    corelab edit "$GOOD" "$T/bad.core" "$@"
    for type in full mini; do
        feed "$*" $type "$T/bad.core" "$codes"
        BAD_STATUS[$type]=$REPLAY_STATUS
    done
    printf '%-50s full %s mini %s\n' "$*" "${BAD_STATUS[full]}" "${BAD_STATUS[mini]}"
}
declare -A BAD_STATUS

# What cannot be a core of this kind at all.
bad "3" ident 4 0            # ELFCLASSNONE
bad "3" ident 4 3
bad "3" ident 5 2            # big endian
bad "3" ehdr type 2          # ET_EXEC
# The table of program headers is nowhere, or of no size that is known.
bad "3" ehdr phentsize 0
bad "3" ehdr phentsize 1
bad "3" ehdr phentsize 57
bad "3" ehdr phentsize 65535
bad "3" ehdr phnum 0
bad "3" ehdr phoff 0xffffffffffffffc0
bad "3" ehdr phoff 0x7fffffffffffffff
bad "3" ehdr phoff 1
bad "3" many 65534
bad "3" many 65535         # PN_XNUM, and no section header
bad "3" many 65535 ehdr shoff 0xffffffffffffffff
bad "3" many 5000
# Segments that contradict each other or the file: none of their bytes can be trusted. What is
# only odd is stored.
bad "3" load first filesz 0xffffffffffffffff
bad "3" load first filesz 0x7fffffffffffffff
bad "3" load last filesz 0x4000000000
bad "3" load last offset 0xfffffffffffff000
bad "3" load first offset 0
bad "3" load first offset 0x10
bad "3" load first vaddr 0xfffffffffffff000
bad "0" load first vaddr 0x123
bad "3" load first memsz 0
bad "0" load first align 3
bad "0" load first type 0x6ffffff5
bad "3" overlap
bad "3" overlap-addresses
bad "0" only-notes
# Notes: a mini dump needs them to choose; without, it keeps all private memory.
bad "0" no-notes
bad "0" note filesz 0
bad "0" note filesz 3
bad "1" note filesz 0xffffffff
bad "3" note filesz 0xffffffffffffffff
bad "3" note offset 0xffffffffffffffff
bad "0" notehead descsz 0xffffffff
bad "0" notehead descsz 0x7ffffffe
bad "0" notehead namesz 0xffffffff
bad "0" notehead namesz 0
bad "0" notehead type 0x46494c45  # PRSTATUS read as NT_FILE
bad "0" notehead type 6           # ... as AUXV
# Legal, if unusual: all that is asked for is there.
for edit in reverse shuffle; do
    bad "0" $edit
    corelab edit "$GOOD" "$T/bad.core" $edit
    feed $edit full "$T/bad.core" "0"
    same_bytes "$T/feed.core" "$T/bad.core"
    feed $edit mini "$T/bad.core" "0"
    corelab subset "$T/feed.core" "$GOOD" >"$T/kept" || fail "$edit: not the truth"
    gdb_run "$PROGRAMS/frames" "$T/feed.core" -ex bt >"$T/bt"
    has "$T/bt" 'crash_here \(how=' "$edit"
    has "$T/bt" 'main \(argc=2' "$edit"
done
# More than the headers announce is not the core's.
cat "$GOOD" "$GOOD" >"$T/bad.core"
feed "twice" full "$T/bad.core" "0 1"
