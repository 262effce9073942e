#!/bin/bash
# SPDX-License-Identifier: MIT
# dumpctl refilter: what the filter makes of a stored dump is what it made of the same core in the
# handler. The crash's facts stay, the new dump is one as any other.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/bad.sh"
. "$E2E/hints.sh"

program frames frames.c -pthread || fail "frames.c does not build"
journal_start
crash "$T/live" "stacks mini heap full" "$PROGRAMS/frames"
full=$(only_dump "$T/live/full")
id=$(field "$full" id)

# refilter IN OUT ARGUMENT...
refilter() {
    "$DUMPCTL" refilter "$@" >"$T/refilter.out" 2>"$T/refilter.err" || {
        cat "$T/refilter.out" "$T/refilter.err" >&2
        fail "dumpctl refilter $*"
    }
    no_control_bytes "$T/refilter.out"
}

# Through a pipe, as a file is read, memory goes out as it comes in, and refilter has what matters first.
same_memory() {
    "$PYTHON" "$E2E/corelab.py" same "$1" "$2" >"$T/same" || fail "$1 and $2 are not the same memory"
}
# From the core as a file the handler has the same window on memory: the same.
for type in stacks mini heap full; do
    mkdir -p "$T/again/$type" "$T/plain/$type"
    dump_config "$T/$type.conf" $type "$T/file/$type"
    replay "$T/$type.conf" "$T/live/kernel.core"
    equal "replay $type" "$REPLAY_STATUS" 0
    extract "$T/file" $type
    refilter -D "$T/live/full" --type $type "$id" "$T/again/$type/x.zst"
    equal "refilter $type: warnings" "$(cat "$T/refilter.err")" ""
    extract "$T/again" $type
    check_dump "refiltered $type" "$T/again/$type/x.zst"
    refilter --type $type "$T/live/kernel.core" "$T/plain/$type/"
    extract "$T/plain" $type
    same_memory "$T/plain/$type.core" "$T/file/$type.core"
    # The stored dump knows names that the core does not; the program has no mapping for which
    # they count.
    same_bytes "$T/again/$type.core" "$T/plain/$type.core"
done
same_bytes "$T/again/full.core" "$T/live/kernel.core"

# The handler had more to look at: which pages were changed. What a debugger sees is the same.
for type in stacks mini heap; do
    extract "$T/live" $type
    frames "$PROGRAMS/frames" "$T/live/$type.core" "$T/live.$type"
    frames "$PROGRAMS/frames" "$T/again/$type.core" "$T/again.$type"
    same_text "$T/live.$type" "$T/again.$type"
    "$PYTHON" "$E2E/corelab.py" subset "$T/again/$type.core" "$T/live/kernel.core" >"$T/kept" ||
        fail "refiltered $type is not part of the kernel's core"
done

# The record: the crash's facts as they were, the dump's as they are.
new=$T/again/mini/x.zst
for key in timestamp boot_id hostname pid tid uid gid signal comm exe cmdline cwd cgroup \
    threads arch dumpable verified size_core size_received; do
    equal "$key" "$(field "$new" $key)" "$(field "$full" $key)"
done
[[ $(field "$new" id) != "$id" ]] || fail "the id is the old one"
equal "type" "$(field "$new" type)" mini
equal "outcome" "$(field "$new" outcome)" complete
equal "reason" "$(field "$new" reason)" "filtered anew from $id, a dump of type full"
equal "size_dump" "$(field "$new" size_dump)" "$(stat -c %s "$T/again/mini.core")"
equal "mode" "$(stat -c %a "$new")" 600
"$DUMPCTL" list -D "$T/again/mini" --json >"$T/list"
equal "list" "$(jq -r '.[0].id + " " + .[0].state' "$T/list")" "$(field "$new" id) present"
"$DUMPCTL" info --memory --json -D "$T/again/mini" >"$T/again.json"
"$PYTHON" "$E2E/memory_map.py" check "$T/again.json" "$T/again/mini.core" "$T/live/kernel.core"

# What it prints: before, after, by rank, how long planning took.
refilter --type mini "$full" "$T/again/mini/y.zst"
has "$T/refilter.out" "^ +ID: [a-f][0-9a-f]{11}\$"
has "$T/refilter.out" "^ +Before: [0-9.]+[KM], [0-9.]+K on disk\$"
has "$T/refilter.out" "^ +After: [0-9.]+K, [0-9.]+K on disk\$"
has "$T/refilter.out" "^ +Planning: 0\.[0-9]{3} s\$"
has "$T/refilter.out" "^crash +[0-9.]+K +[0-9.]+[BKM] the crashing thread"

# A plain core knows less; an id, a time and a name it has.
plain=$(only_dump "$T/plain/mini")
equal "plain: signal" "$(field "$plain" signal)" "$(field "$full" signal)"
equal "plain: exe" "$(field "$plain" exe)" "$PROGRAMS/frames"
equal "plain: uid" "$(field "$plain" uid)" null
equal "plain: boot_id" "$(field "$plain" boot_id)" null
equal "plain: reason" "$(field "$plain" reason)" "filtered from a core file"

# Without --type the configuration decides, as for the crash; a limit is kept to.
dump_config "$T/policy.conf" full "$T/nowhere" MaxSize=64K "[Executable \"$PROGRAMS/frames\"]" Type=heap
refilter --config="$T/policy.conf" "$full" "$T/again/heap/limited.zst"
limited=$T/again/heap/limited.zst
equal "configured type" "$(field "$limited" type)" heap
equal "limited: outcome" "$(field "$limited" outcome)" cut
[[ $(field "$limited" reason) == *"MaxSize allows 65536 bytes"* ]] || fail "reason: $(field "$limited" reason)"
(($(field "$limited" size_dump) - $(field "$limited" size_header) <= 65536)) || fail "more than MaxSize"

# Of a dump that is not whole: said, and what is missing stays missing.
refilter --type heap "$(only_dump "$T/live/stacks")" "$T/again/heap/poor.zst"
has "$T/refilter.err" 'what it lacks stays missing'
equal "poor: outcome" "$(field "$T/again/heap/poor.zst" outcome)" cut
"$DUMPCTL" extract -D "$T/again/heap" "$(field "$T/again/heap/poor.zst" id)" -o "$T/poor.core" 2>/dev/null
"$PYTHON" "$E2E/corelab.py" subset "$T/poor.core" "$T/live/kernel.core" >"$T/kept"
frames "$PROGRAMS/frames" "$T/poor.core" "$T/poor"
same_text "$T/poor" "$T/again.stacks"
# Its drop map is of the whole process all the same: the first one's tells why the rest is missing.
mkdir "$T/poor.store"
cp "$T/again/heap/poor.zst" "$T/poor.store"
"$DUMPCTL" info --memory --json -D "$T/poor.store" >"$T/poor.json"
"$PYTHON" "$E2E/memory_map.py" check "$T/poor.json" "$T/poor.core" "$T/live/kernel.core"
jq -e '.[0].ranges | any(.fate == "type" and .rank == "private")' "$T/poor.json" >/dev/null ||
    fail "the map of a dump of a dump forgets what the first one left out"

# Secrets stay out, even of what is made from a core that has them, and the map names them.
"${CC:-cc}" -std=c11 "${HINT_FLAGS[@]}" -o "$T/example" "$HINTS/examples/example.c" || fail "example.c"
example_crash secret "full heap" "$T/example" crash
read -r secret _ <<<"$(said "$T/secret/out" secret)"
mkdir "$T/hushed"
for from in "$T/secret/kernel.core" "$(only_dump "$T/secret/full")"; do
    for type in triage mini heap full; do
        rm -f "$T/hushed"/*
        refilter --type $type "$from" "$T/hushed/x.zst"
        zstd -dcq "$T/hushed/x.zst" >"$T/hushed.core"
        hasnt "$T/hushed.core" "$PASSWORD" "$type of $from"
        "$DUMPCTL" info --memory --json -D "$T/hushed" >"$T/hushed.json"
        [[ $type == triage || $type == mini ]] ||
            equal "fate of the secret in $type" "$(jq -r --arg at "$secret" \
                '.[0].ranges[] | select(.start == $at) | .fate' "$T/hushed.json")" secret
    done
    "$PYTHON" "$E2E/memory_map.py" check "$T/hushed.json" "$T/hushed.core" "$T/secret/kernel.core"
    equal "what the program said" "$(field "$T/hushed/x.zst" texts)" "why: order 4711 has no customer"
done
LC_ALL=C "$DUMPCTL" info --memory -D "$T/hushed" >"$T/text"
has "$T/text" '^secret +[0-9.]+[BK] the program.s own hint'
has "$T/text" '^[0-9a-f]{16} [^ ]*S[^ ]* '

# refused WHAT STATUS TEXT ARGUMENT...: nothing is left behind.
mkdir "$T/refused"
refused() {
    local what=$1 status=$2 text=$3 rc=0
    shift 3
    timeout 60 "$DUMPCTL" refilter "$@" >"$T/refilter.out" 2>"$T/refilter.err" || rc=$?
    equal "$what: status" "$rc" "$status"
    has "$T/refilter.err" "$text" "$what"
    no_control_bytes "$T/refilter.err"
    equal "$what: left" "$(ls -A "$T/refused")" ""
}
before=$(sha256sum <"$new")
refused "a file that is there" 1 'File exists' --type mini "$full" "$new"
equal "the file that was there" "$(sha256sum <"$new")" "$before"
ln -s nowhere "$T/again/link.zst"
refused "a link that leads nowhere" 1 'File exists' --type mini "$full" "$T/again/link.zst"
refused "another suffix" 1 'ends in \.zst' --type mini "$full" "$T/refused/x"
refused "no such directory" 1 'No such file' --type mini "$full" "$T/refused/no/x.zst"
refused "no such type" 2 'is no type' --type small "$full" "$T/refused/x.zst"
refused "no memory" 1 'Type=none' --type none "$full" "$T/refused/x.zst"
refused "no such crash" 1 'none of|No crashes' -D "$T/live/full" --type mini a00000000000 "$T/refused/"
refused "no OUT" 2 'give IN and OUT' --type mini "$full"
refused "no core" 1 'not an ELF file' --type mini /etc/passwd "$T/refused/x.zst"
refused "no file" 1 'not a file' --type mini /dev/null "$T/refused/x.zst"
rc=0
(
    ulimit -f 8
    exec "$DUMPCTL" refilter --type mini "$full" "$T/refused/x.zst" >"$T/refilter.out" 2>"$T/refilter.err"
) || rc=$?
equal "a full disk: status" "$rc" 1
has "$T/refilter.err" 'File too large'
equal "a full disk: left" "$(ls -A "$T/refused")" ""

# Cut and corrupted: a dump of what is there cannot be made of frames that are not.
size=$(stat -c %s "$full")
for at in 9 16384 16400 $((size / 2)) $((size - 1)); do
    head -c "$at" "$full" >"$T/bad.zst"
    refused "cut at $at" 1 . --type heap "$T/bad.zst" "$T/refused/x.zst"
done
"$PYTHON" "$E2E/hostile_file.py" "$full" "$T/hostile"
for file in "$T/hostile"/*; do
    rc=0
    rm -f "$T/refused"/*
    ([[ $BUILD == *sanitize ]] || ulimit -v 4000000; timeout 20 "$DUMPCTL" refilter --type heap "$file" "$T/refused/x.zst") >"$T/out" 2>"$T/err" || rc=$?
    ((rc < 124)) || fail "hostile ${file##*/}: refilter died with $rc"
    no_control_bytes "$T/out"
    no_control_bytes "$T/err"
    [[ $rc == 0 || -z $(ls -A "$T/refused") ]] || fail "hostile ${file##*/}: failed and left a file"
done

# A frame of the dump cannot be read: that is said, and nothing is written.
cp "$full" "$T/damaged.zst"
printf '\377\377\377\377' | dd of="$T/damaged.zst" bs=1 seek=16500 conv=notrunc status=none
if "$DUMPCTL" refilter "$T/damaged.zst" "$T/again/never.zst" >/dev/null 2>"$T/refilter.err"; then
    fail "a damaged dump was filtered"
fi
has "$T/refilter.err" 'no dump was written: the dump is damaged'
[[ ! -e $T/again/never.zst ]] || fail "a dump was written"
