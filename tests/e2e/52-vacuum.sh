#!/bin/bash
# SPDX-License-Identifier: MIT
# What dumps may take of the disk: the handler and `dumpctl vacuum' hold the limits, the user who
# takes most pays, nothing that is not a dump goes. rm, verify and disk-usage.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/bad.sh"

journal_start
good_core
S=$T/s

# named CORE COMM OUT: the core of a process of that name, which its NT_PRPSINFO has (pr_fname, of 64 bits).
named() {
    "$PYTHON" - "$@" <<'EOF'
import sys
with open(sys.argv[1], "rb") as file:
    data = bytearray(file.read())
psinfo = data.index(b"\x05\0\0\0\x88\0\0\0\x03\0\0\0CORE\0")
data[psinfo + 20 + 40:psinfo + 20 + 56] = sys.argv[2].encode().ljust(16, b"\0")
with open(sys.argv[3], "wb") as file:
    file.write(data)
EOF
}

# put UID COMM [LINE...]: one crash more into $S, as of a user.
put() {
    local uid=$1 comm=$2 pid
    shift 2
    named "${CORE:-$GOOD}" "$comm" "$T/named.core"
    printf '[Dump]\nType=full\nDirectory=%s\n%s\n' "$S" "$UNLIMITED" >"$T/put.conf"
    (($# == 0)) || printf '%s\n' "$@" >>"$T/put.conf"
    pid=$(gone_pid)
    replay "$T/put.conf" "$T/named.core" "$pid" 11 "$comm" -d1 "-u$uid" -g0 -c18446744073709551615 \
        "-t$(date +%s)" "-I$pid"
}
dumps_of() {
    { "$DUMPCTL" list --json -D "$S" "uid=$1" 2>/dev/null || true; } | jq length
}
# find fails where a file goes after it saw its name.
used() {
    { find "$S" -maxdepth 1 -name '*.zst' -type f -printf '%k\n' 2>/dev/null || true; } |
        awk '{ n += $1 } END { print n * 1024 }'
}

mkdir -m 755 "$S"
put 0 first
equal "exit code" "$REPLAY_STATUS" 0
one=$(used)
((one > 20000 && one < 2000000)) || fail "one dump takes $one bytes"

# MaxUse: six dumps' worth, one user in a loop, one with two crashes before.
rm -f "$S"/*.zst
limit="MaxUse=$((one * 6 + 100))"
put 1002 calm "$limit"
put 1002 calm "$limit"
for i in 1 2 3 4 5 6 7 8; do
    put 1001 loop "$limit"
    equal "exit code" "$REPLAY_STATUS" 0
    (($(used) <= one * 6 + 100)) || fail "after crash $i: $(used) bytes"
done
equal "of the calm user" "$(dumps_of 1002)" 2
equal "of the loop" "$(dumps_of 1001)" 4
has "$T/replay.err" 'removed 1 dumps of [0-9]+ bytes from .*/s: 1 by MaxUse'
# What the journal names and is gone is missing.
newest=$("$DUMPCTL" list --json --config "$T/put.conf" uid=1001 | jq -r '.[-1].state')
oldest=$("$DUMPCTL" list --json --config "$T/put.conf" uid=1001 | jq -r '.[0].state')
equal "newest, oldest" "$newest, $oldest" "present, missing"

# MaxCount of an executable of a user; MaxAge; by the handler.
put 1001 loop MaxCount=2
equal "MaxCount: of the loop" "$(dumps_of 1001)" 2
equal "MaxCount: of the calm user" "$(dumps_of 1002)" 2
touch -d '2 days ago' "$S"/*calm*
put 1001 loop MaxAge=1d
equal "MaxAge: of the calm user" "$(dumps_of 1002)" 0
equal "MaxAge: of the loop" "$(dumps_of 1001)" 3
has "$T/replay.err" '2 by MaxAge'

# Eight at a time: never more than what is being stored beyond the limit, and all is quiet within it.
rm -f "$S"/*.zst
room=$((one * 20 + 100))
printf '[Dump]\nType=full\nDirectory=%s\nMaxUse=%s\n%s\n' "$S" "$room" "$UNLIMITED" >"$T/put.conf"
eight() { # FIRST: every eighth from there on
    local i
    for ((i = $1; i < 96; i += 8)); do
        "$DUMPD" --config="$T/put.conf" $((4000000 + i)) 11 many -d1 "-u$((1000 + i % 3))" -g0 \
            <"$GOOD" 2>>"$T/eight.$1.err" || echo "crash $i: $?" >>"$T/eight.bad"
    done
}
pids=()
for first in 0 1 2 3 4 5 6 7; do
    eight $first &
    pids+=($!)
done
most=0
while jobs -r | grep -q eight; do
    now=$(used)
    ((now <= most)) || most=$now
done
wait "${pids[@]}"
[[ ! -e $T/eight.bad ]] || fail "$(head -3 "$T/eight.bad")"
echo "96 crashes, 8 at a time: $most bytes at most, $room allowed, $one each"
((most <= room + 8 * one)) || fail "$most bytes in the store, $room are allowed"
(($(used) <= room)) || fail "afterwards: $(used) bytes"
(($(dump_count "$S") >= 19)) || fail "only $(dump_count "$S") are left"
for uid in 1000 1001 1002; do
    (($(dumps_of $uid) >= 5)) || fail "$(dumps_of $uid) of $uid"
done
equal "strays" "$(find "$S" -mindepth 1 ! -name '*.zst')" ""

# A dump that is larger than MaxUse is cut to it, and stays.
rm -f "$S"/*.zst
"$PYTHON" - "$GOOD" "$T/noise.core" <<'EOF'
import random, sys
data = bytearray(open(sys.argv[1], "rb").read())
start = len(data) // 4
data[start:] = random.Random(1).randbytes(len(data) - start)
open(sys.argv[2], "wb").write(data)
EOF
CORE=$T/noise.core put 1001 cut MaxUse=200000
equal "larger than MaxUse: exit code" "$REPLAY_STATUS" 1
check_dump "larger than MaxUse" "$(only_dump "$S")"
(($(used) <= 200000)) || fail "larger than MaxUse: $(used) bytes"
has <(field "$(only_dump "$S")" reason) 'MaxUse and KeepFree (allow|leave of the disk allows) [0-9]+ bytes'
"$DUMPCTL" verify -D "$S" >"$T/verify"
equal "verify" "$(tail -1 "$T/verify")" "verify: 1 dumps, 0 whole, 1 cut, 0 damaged"

# dumpctl vacuum: says what goes and why, first dry.
rm -f "$S"/*.zst
for uid in 1001 1001 1001 1002; do
    put $uid who
done
equal "before" "$(dump_count "$S")" 4
echo stranger >"$S/mine.zst"
ln -s /etc/passwd "$S/link.zst"
mkdir "$S/directory.zst"
"$DUMPCTL" vacuum -D "$S" --max-use=$((one * 2 + 100)) --dry-run >"$T/out"
equal "dry: would" "$(grep -c '^would remove core.who.1001.*UID 1001): MaxUse$' "$T/out")" 2
equal "dry" "$(dump_count "$S")" 5
"$DUMPCTL" vacuum -D "$S" --max-use=infinity --keep-free=0 --dry-run >"$T/out"
has "$T/out" '; 4 dumps of .* stay$' "only dumps are counted"
"$DUMPCTL" vacuum -D "$S" --max-use=$((one * 2 + 100)) --json >"$T/out"
equal "vacuum" "$(jq -c 'map([.uid, .by])' "$T/out")" '[[1001,"MaxUse"],[1001,"MaxUse"]]'
equal "vacuum: left of each" "$(dumps_of 1001) $(dumps_of 1002)" "1 1"
"$DUMPCTL" vacuum -D "$S" --max-use=0 --max-age=1s --max-count=1 --keep-free=100% >"$T/out"
equal "all gone" "$(tail -1 "$T/out" | cut -d, -f1)" "vacuum: 2 dumps removed"
equal "strangers stay" "$(find "$S" -mindepth 1 -printf '%f\n' | sort | paste -sd' ')" \
    "directory.zst link.zst mine.zst"
for bad in '--max-use=1G 2G' --max-age=0 --max-count=0 --keep-free=x extra; do
    rc=0
    "$DUMPCTL" vacuum -D "$S" "$bad" >"$T/out" 2>&1 || rc=$?
    equal "vacuum $bad" "$rc" 2
done
# As the timer starts it: the configuration's store and limits.
rm -rf "$S"
mkdir -m 755 "$S"
put 1001 a
put 1001 a
printf 'MaxCount=1\n' >>"$T/put.conf"
"$DUMPCTL" vacuum --config="$T/put.conf" >"$T/out"
has "$T/out" '^removed core\.a\.1001\..*: MaxCount$'
has "$T/out" '^vacuum: 1 dumps removed, .* freed; 1 dumps of .* stay$'
# No store, nothing to do.
printf '[Dump]\nDirectory=%s/none\n' "$T" >"$T/none.conf"
"$DUMPCTL" vacuum --config="$T/none.conf" >"$T/out"
equal "no store" "$(cat "$T/out")" "vacuum: 0 dumps removed, 0B freed; 0 dumps of 0B stay"
[[ ! -e $T/none ]] || fail "vacuum made a store"
equal "disk-usage: no store" "$("$DUMPCTL" disk-usage --config="$T/none.conf" --json |
    jq -c '[.dumps, .size, .max_use, .free, .keep_free]')" '[0,0,null,null,null]'

# rm: one, not by chance several.
rm -f "$S"/*.zst
put 1001 a
put 1001 a
put 1002 b
rc=0
"$DUMPCTL" rm -D "$S" a >"$T/out" 2>&1 || rc=$?
equal "rm of two" "$rc $(dump_count "$S")" "2 3"
rc=0
"$DUMPCTL" rm -D "$S" >"$T/out" 2>&1 || rc=$?
equal "rm of nothing" "$rc $(dump_count "$S")" "2 3"
"$DUMPCTL" rm -D "$S" b >"$T/out"
has "$T/out" '^removed .*/core\.b\.1002\..* \('
equal "rm of one" "$(dump_count "$S")" 2
id=$("$DUMPCTL" list --json -D "$S" | jq -r '.[0].id')
"$DUMPCTL" rm --config="$T/put.conf" "$id" >"$T/out"
equal "rm by id" "$(dump_count "$S")" 1
equal "rm by id: in the list" \
    "$("$DUMPCTL" list --json --config="$T/put.conf" "$id" | jq -r '.[].state')" missing
rc=0
"$DUMPCTL" rm --config="$T/put.conf" "$id" >"$T/out" 2>&1 || rc=$?
equal "rm again" "$rc" 1
rc=0
"$DUMPCTL" verify --config="$T/put.conf" "$id" >"$T/out" 2>&1 || rc=$?
equal "verify of what is gone" "$rc" 1
has "$T/out" 'no crash that matches has a dump'
echo stranger >"$S/mine.zst"
"$DUMPCTL" rm -D "$S" --all >"$T/out"
equal "rm --all" "$(ls "$S")" mine.zst
# A dump whose record is damaged is one all the same, and whether the journal knows it or not.
for where in "-D $S" "--config=$T/put.conf"; do
    put 1001 broken
    printf '!' | dd of="$(find "$S" -name '*broken*')" bs=1 seek=8 conv=notrunc status=none
    rc=0
    "$DUMPCTL" rm $where --all >"$T/out" 2>&1 || rc=$?
    equal "rm of a damaged record, $where" "$rc $(ls "$S")" "0 mine.zst"
    has "$T/out" '^removed .*/core\.broken\.'
done
put 1001 broken
printf '!' | dd of="$(find "$S" -name '*broken*')" bs=1 seek=8 conv=notrunc status=none
"$DUMPCTL" verify -D "$S" >"$T/out" 2>&1 && fail "a damaged record verifies"
hasnt "$T/out" 'extracted' "advice of another verb"
# Through a link to the store: the name goes, and no other of the same file.
rm -f "$S"/*.zst
put 1001 moved
ln "$(only_dump "$S")" "$T/moved.zst"
has_link=$(only_dump "$S")
mv "$S" "$S.there"
ln -s "$S.there" "$S"
"$DUMPCTL" rm -D "$S" moved >"$T/out" || fail "rm through a link to the store"
[[ ! -e $has_link && -e $T/moved.zst ]] || fail "rm: $(cat "$T/out")"
rm "$S"
mv "$S.there" "$S"

# verify finds one changed byte anywhere but in the record's padding and the slack. Of bytes that zstd made one
# in thousands says the same when it is another, such as how far back the zeros are that come again.
rm -rf "$S"
mkdir -m 755 "$S"
put 1001 v
dump=$(only_dump "$S")
cp "$dump" "$T/v.zst"
size=$(stat -c %s "$dump")
"$DUMPCTL" verify --config="$T/put.conf" >"$T/out"
equal "verify" "$(tail -1 "$T/out")" "verify: 1 dumps, 1 whole, 0 cut, 0 damaged"
has "$T/out" "^whole    $dump\$"
"$DUMPCTL" extract -D "$S" v -o "$T/v.core" 2>"$T/err"
same=0 tried=0
"$PYTHON" - "$T/v.zst" >"$T/offsets" <<'EOF'
import struct, sys
data = open(sys.argv[1], "rb").read()
count = struct.unpack("<I", data[-9:-5])[0]
table = len(data) - 17 - 8 * count
at, out = 0, [3, 8, table + 5, table + 9, len(data) - 9, len(data) - 2]
for i in range(count):
    n = struct.unpack("<I", data[table + 8 + 8 * i:][:4])[0]
    if data[at:at + 4] == struct.pack("<I", 0xFD2FB528):
        out += [at, at + 5, at + n // 2, at + n - 1]
    at += n
print(*sorted(set(out))[:60], sep="\n")
EOF
while read -r at; do
    cp "$T/v.zst" "$dump"
    "$PYTHON" - "$dump" "$at" <<'EOF'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2]))
    byte = f.read(1)[0]
    f.seek(int(sys.argv[2]))
    f.write(bytes([byte ^ 0x41]))
EOF
    tried=$((tried + 1))
    rc=0
    "$DUMPCTL" verify -D "$S" >"$T/out" 2>"$T/err" || rc=$?
    if ((rc == 0)) && "$DUMPCTL" extract -D "$S" v -o "$T/again.core" 2>"$T/err" &&
        cmp -s "$T/v.core" "$T/again.core"; then
        same=$((same + 1))
        continue
    fi
    equal "byte $at of $size is wrong: verify" "$rc $(tail -1 "$T/out")" \
        "1 verify: 1 dumps, 0 whole, 0 cut, 1 damaged"
done <"$T/offsets"
((tried >= 14)) || fail "only $tried bytes were changed"
((same <= 1)) || fail "$same bytes of $tried say nothing"
cp "$T/v.zst" "$dump"
truncate -s $((size / 2)) "$dump"
rc=0
"$DUMPCTL" verify --json -D "$S" >"$T/out" 2>/dev/null || rc=$?
equal "cut off: verify" "$rc $(jq -r '.[].verdict' "$T/out")" "1 damaged"

# disk-usage: sums are those of the files.
cp "$T/v.zst" "$dump"
put 1002 w
put 1002 w
"$DUMPCTL" disk-usage --config="$T/put.conf" --json >"$T/out"
equal "disk-usage: all" "$(jq -c '[.dumps, .size]' "$T/out")" "[3,$(used)]"
equal "disk-usage: users" "$(jq -c '.users | map([.uid, .dumps])' "$T/out")" "[[1002,2],[1001,1]]"
equal "disk-usage: sums" "$(jq '([.users[].size] | add) == .size and ([.executables[].size] | add) == .size' "$T/out")" true
"$DUMPCTL" disk-usage -D "$S" >"$T/out"
has "$T/out" '^ +[0-9.]+[KM] +2  1002$'
has "$T/out" '^ +Dumps: 3$'
has "$T/out" '^ +KeepFree: '
# -D from where one is, as for list.
for relative in s ./s ../"${T##*/}"/s; do
    (cd "$T" && "$DUMPCTL" disk-usage -D "$relative" --json) >"$T/out" || fail "disk-usage -D $relative"
    equal "disk-usage -D $relative" "$(jq .dumps "$T/out")" 3
done
(cd "$S" && "$DUMPCTL" vacuum -D . --dry-run --max-use=0) >"$T/out" || fail "vacuum -D ."
has "$T/out" '^vacuum: 3 dumps would be removed'
# By a mistyped name of a configuration nothing is removed, of whatever store.
for verb in vacuum "rm --all" list disk-usage; do
    "$DUMPCTL" $verb --config="$T/mistyped" >"$T/out" 2>"$T/err" && fail "$verb --config=mistyped"
    equal "$verb" "$(<"$T/err")" "dumpctl ${verb% *}: --config=$T/mistyped: No such file or directory"
done
