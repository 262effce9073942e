#!/bin/bash
# SPDX-License-Identifier: MIT
# Which builds crashed: build-ids of the executable and of each library, out of memory, whatever becomes of
# the files; in the record, the journal, info and JSON. A note that does not fit together is none.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need zstd jq readelf gcc
journal_start
BINS=$T/bin
mkdir "$BINS"

# build NAME FLAGS...
build() {
    local name=$1
    shift
    "${TOOL:-gcc}" -g -O0 -o "$BINS/$name" "$E2E/programs/build_id.c" "$@" || fail "$name does not build"
}

build_id_of() {
    readelf -n "$1" 2>/dev/null | sed -n 's/.*Build ID: //p'
}

# crash_of NAME [TYPE]: RECORD is its record.
crash_of() {
    rm -rf "$T/c"
    crash "$T/c" "${2:-mini}" "$BINS/$1"
    RECORD=$(only_dump "$T/c/${2:-mini}")
}

build pie
build fixed -no-pie
build static -static
for name in pie fixed static; do
    crash_of $name
    equal "build-id of $name" "$(field "$RECORD" build_id)" "$(build_id_of "$BINS/$name")"
done
equal "mount namespace" "$(field "$RECORD" mount_namespace)" host

# Libraries; the journal; JSON; info. The file is gone at the crash: memory tells.
id=$(build_id_of "$BINS/pie")
crash "$T/a" "mini none" sh -c "cp '$BINS/pie' '$T/p'; exec 3<'$T/p'; exec \"\$0\" \"\$@\"" /bin/bash -c \
    "ulimit -c unlimited; rm '$T/p' & wait; exec /proc/self/fd/3"
dump=$(only_dump "$T/a/mini")
equal "build-id of a removed file" "$(field "$dump" build_id)" "$id"
libc=$(ldd "$BINS/pie" | sed -n 's/.*=> \(.*libc.so.6\) .*/\1/p')
"$DUMPCTL" info -D "$T/a/mini" --json >"$T/json"
equal "modules" "$(jq -r '.[0].modules | length' "$T/json")" 3
equal "libc" "$(jq -r '.[0].modules[] | select(.path | test("/libc\\.so\\.6$")) | .build_id' "$T/json")" \
    "$(build_id_of "$libc")"
equal "the first module" "$(jq -r '.[0].modules[0].build_id' "$T/json")" "$id"
jq -e '.[0].modules[0].start | test("^0x[0-9a-f]+$")' "$T/json" >/dev/null || fail "start: $(cat "$T/json")"
"$DUMPCTL" info -D "$T/a/mini" --modules >"$T/info"
has "$T/info" "Build-id: $id$"
has "$T/info" "^ +$(build_id_of "$libc") /.*/libc.so.6$"
# Who asked is not told how to ask.
has "$T/info" "^ +Modules: [0-9]+"
hasnt "$T/info" "info --modules" "info --modules"
"$DUMPCTL" info -D "$T/a/mini" | grep -q "Modules: .*(dumpctl info --modules)$" || fail "info does not tell of --modules"
# A record without a dump has them, too.
journal_entries MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1 "DUMPD_BUILD_ID=$id" DUMPD_OUTCOME=record >"$T/entries"
jq -e --arg line "$(build_id_of "$libc") " 'select(.DUMPD_MODULES | contains($line))' "$T/entries" >/dev/null ||
    fail "the journal: $(cut -c 1-3000 "$T/entries")"

# none_of NAME REASON: it has no build-id, and that is said.
none_of() {
    crash_of "$1"
    equal "build-id of $1" "$(field "$RECORD" build_id)" null
    "$DUMPCTL" info -D "$T/c/mini" >"$T/info"
    has "$T/info" "Build-id: none: $2$"
    "$DUMPCTL" info -D "$T/c/mini" --json | jq -e --arg why "$2" \
        '.[0].modules[0] | .build_id == null and .why == $why' >/dev/null || fail "JSON of $1"
}

build without -Wl,--build-id=none
none_of without 'its memory has no such note'
build short -Wl,--build-id=none -DNOTE_SIZE=3
none_of short 'its note has a size that cannot be'
build long -Wl,--build-id=none -DNOTE_SIZE=65
none_of long 'its note has a size that cannot be'
build two -Wl,--build-id=none -DNOTE_SIZE=20 -DNOTE_TWO
none_of two 'its notes have two that differ'
# The program header says that the note is 16 MiB further on, where nothing is.
build place
"$PYTHON" - "$BINS/place" <<'EOF'
import struct, sys
with open(sys.argv[1], "r+b") as f:
    data = bytearray(f.read())
    at, size, count = (struct.unpack_from(form, data, offset)[0] for form, offset in
                       (("<Q", 32), ("<H", 54), ("<H", 56)))
    for i in range(count):
        if struct.unpack_from("<I", data, at + i * size)[0] == 4:
            struct.pack_into("<Q", data, at + i * size + 16,
                             struct.unpack_from("<Q", data, at + i * size + 16)[0] + (16 << 20))
    f.seek(0)
    f.write(data)
EOF
none_of place 'its note is outside of its memory'

# The kernel's core has the first page of a file; the note is in another, and known.
build far -Wl,--build-id=none -DNOTE_SIZE=20 -DNOTE_FAR
crash_of far
equal "a note in another page" "$(field "$RECORD" build_id)" "$(printf 'a5%.0s' {1..20})"

# musl's linker writes one where its compiler asks for it.
if command -v musl-gcc >/dev/null; then
    TOOL=musl-gcc build musl -static -Wl,--build-id
    crash_of musl
    equal "static musl" "$(field "$RECORD" build_id)" "$(build_id_of "$BINS/musl")"
fi

# Without the process' memory, out of a pipe: they are unread, and that is said; out of a file: those there are.
dump_config "$T/pipe.conf" full "$T/pipe"
dump_config "$T/file.conf" full "$T/file"
crash "$T/b" full "$BINS/pie"
replay "$T/pipe.conf" <(cat "$T/b/kernel.core")
"$DUMPCTL" info -D "$T/pipe" --json >"$T/json"
jq -e '.[0] | .build_id == null and (.modules | length == 3) and
    all(.modules[]; .build_id == null and (.why | test("could not be read")))' "$T/json" >/dev/null ||
    fail "out of a pipe: $(cat "$T/json")"
replay "$T/file.conf" "$T/b/kernel.core"
equal "out of a file" "$(field "$(only_dump "$T/file")" build_id)" "$(build_id_of "$BINS/pie")"
