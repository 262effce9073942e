#!/bin/bash
# SPDX-License-Identifier: MIT
# Stored files that were cut, corrupted, or made to harm their reader: dumpctl says what is wrong
# with which, goes on with the others, and leaves no output behind.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/bad.sh"

good_core
STORED_GOOD=$(only_dump "$T/good/full")
size=$(stat -c %s "$STORED_GOOD")
id=$(field "$STORED_GOOD" id)
name=${STORED_GOOD##*/}

# try NAME: $T/s has the one bad file. list must not fail on it, extract must, but for damage
# that leaves the content whole. All within seconds, bounded memory, no output without success.
try() {
    local what=$1 rc=0
    rm -f "$T/out.core"
    (ulimit -v "${MEMORY_LIMIT:-unlimited}"; timeout 20 "$DUMPCTL" list -D "$T/s" --json) >"$T/list" 2>"$T/err" || rc=$?
    ((rc < 124)) || fail "$what: dumpctl list died with $rc"
    if [[ -s $T/list ]]; then
        jq -e . "$T/list" >/dev/null || fail "$what: list --json is not JSON"
    fi
    no_control_bytes "$T/list"
    no_control_bytes "$T/err"
    for verb in list info; do
        rc=0
        timeout 20 "$DUMPCTL" $verb -D "$T/s" >"$T/text" 2>&1 || rc=$?
        ((rc < 124)) || fail "$what: dumpctl $verb died with $rc"
        no_control_bytes "$T/text"
    done
    TRY_STATUS=0
    timeout 20 "$DUMPCTL" extract -D "$T/s" "$id" -o "$T/out.core" >"$T/out" 2>&1 || TRY_STATUS=$?
    ((TRY_STATUS < 124)) || fail "$what: dumpctl extract died with $TRY_STATUS"
    no_control_bytes "$T/out"
    if ((TRY_STATUS == 0)); then
        same_bytes "$T/out.core" "$T/good/kernel.core"
    else
        [[ ! -e $T/out.core ]] || fail "$what: an output, though extract failed"
        [[ -s $T/out ]] || fail "$what: extract failed without a word"
        equal "$what: strays" "$(find "$T" -maxdepth 1 -name '*out.core*')" ""
    fi
}

fresh() {
    rm -rf "$T/s"
    mkdir "$T/s"
    cp "$STORED_GOOD" "$T/s/$name"
}

fresh
try "whole"
equal "whole: extract" "$TRY_STATUS" 0
equal "whole: list" "$(jq -c 'map(.id)' "$T/list")" "[\"$id\"]"

# Cut.
for at in 0 1 7 8 9 100 16383 16384 16385 16400 $((size / 2)) $((size - 18)) $((size - 1)); do
    fresh
    truncate -s "$at" "$T/s/$name"
    try "cut at $at"
    ((at > size / 2)) || ((TRY_STATUS != 0)) || fail "cut at $at: extract succeeded"
done

# One byte changed: found by magic, structure or checksum, or harmless; never other bytes out.
for at in 0 3 4 7 8 20 16384 16385 16388 16390 $((16384 + (size - 16384) / 3)) $((size / 2)) \
    $((16384 + (size - 16384) * 2 / 3)) $((size - 100)) $((size - 9)) $((size - 5)) $((size - 1)); do
    fresh
    "$PYTHON" - "$T/s/$name" "$at" <<'EOF'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2]))
    b = f.read(1)
    f.seek(int(sys.argv[2]))
    f.write(bytes([b[0] ^ 0x41]))
EOF
    try "byte $at flipped"
done

# Which frame is broken is said, and where it is: here the last byte of the one after the record's.
fresh
at=$("$PYTHON" - "$T/s/$name" <<'EOF'
import struct, sys
with open(sys.argv[1], "r+b") as f:
    data = f.read()
    frames = struct.unpack_from("<I", data, len(data) - 9)[0]
    first, second = (struct.unpack_from("<I", data, len(data) - 9 - 8 * (frames - i))[0] for i in (0, 1))
    f.seek(first + second - 1)
    f.write(bytes([data[first + second - 1] ^ 1]))
    print(first)
EOF
)
try "a checksum"
((TRY_STATUS != 0)) || fail "a wrong checksum was not found"
has "$T/out" "checksum is wrong \(frame 2, at byte $at\)"

# A tail that is not ours, and a file twice over.
fresh
cat "$STORED_GOOD" >>"$T/s/$name"
try "twice"
((TRY_STATUS != 0)) || fail "twice as much was extracted"

# Hostile: a record that promises little and frames that bring 10 GiB; one that promises all; a
# window of 2 GiB; text with escapes; JSON that is none, is deep, is long.
"$PYTHON" "$E2E/hostile_file.py" "$STORED_GOOD" "$T/hostile"
for file in "$T/hostile"/*; do
    rm -rf "$T/s"
    mkdir "$T/s"
    cp "$file" "$T/s/$name"
    start=$SECONDS
    MEMORY_LIMIT=unlimited try "hostile ${file##*/}"
    ((TRY_STATUS != 0)) || [[ ${file##*/} == ok-* ]] || fail "hostile ${file##*/}: extract succeeded"
    ((SECONDS - start < 15)) || fail "hostile ${file##*/}: $((SECONDS - start)) s"
done

# Things in a store that are no files, and names that harm a terminal.
fresh
mkdir "$T/s/core.dir.0.x.1.1.zst"
mkfifo "$T/s/core.fifo.0.x.1.1.zst"
ln -s /etc/passwd "$T/s/core.link.0.x.1.1.zst"
: >"$T/s/core."$'\033[31m\n'".0.x.1.1.zst"
try "strange company"
equal "strange company: extract" "$TRY_STATUS" 0
jq -e --arg id "$id" 'map(select(.id == $id)) | length == 1' "$T/list" >/dev/null ||
    fail "the good dump is not listed beside the strange ones"

# A copied dump in another's name, with the same id: shown, not mixed up.
fresh
cp "$STORED_GOOD" "$T/s/core.copy.0.x.1.1.zst"
try "a copy beside it"
