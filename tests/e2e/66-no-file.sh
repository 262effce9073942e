#!/bin/bash
# SPDX-License-Identifier: MIT
# What `info --memory` says of memory that is not in the dump: "in its file" only where there is one that a debugger can
# open, and which of two limits it was that was too small. A debugger shows no zeros where nobody has the bytes.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need zstd jq gdb
program no_file no_file.c || fail "no_file.c does not build"
head -c 262144 /dev/urandom >"$T/stays"
head -c 262144 /dev/urandom >"$T/gone"
dump_config "$T/c" mini "$T/s"
crash_direct "$T/c" "$PROGRAMS/no_file" "$T/stays" "$T/gone"
wait_dumps "$T/s" 1
"$DUMPCTL" info --memory --json -D "$T/s" >"$T/json"
# fates NAME: of all ranges whose name begins so.
fates() {
    jq -r --arg name "$1" '.[0].ranges[] | select((.name // "") | startswith($name)) | .fate' "$T/json" | sort -u
}
equal "a file" "$(fates "$T/stays")" file
for name in "$T/gone" /memfd:mine /dev/zero /SYSV; do
    [[ -n $(fates "$name") ]] || fail "$name is not there"
    fates "$name" >"$T/fates"
    hasnt "$T/fates" '^file$' "$name"
done
jq -r '.[0].ranges[] | select(.fate == "file") | .name' "$T/json" >"$T/files"
hasnt "$T/files" '\(deleted\)|^/memfd:|^/SYSV|^anon_inode:|^/secretmem|^/dev/zero'
# Noise is as large when it is packed. Bytes of memory without a name that had that fate.
bytes_of() {
    "$PYTHON" - "$T/json" "$1" <<'EOF2'
import json, sys
ranges = json.load(open(sys.argv[1]))[0]["ranges"]
print(sum(int(r["end"], 16) - int(r["start"], 16) for r in ranges if r["fate"] == sys.argv[2] and "name" not in r))
EOF2
}
(($(bytes_of packed) >= 6 << 20 && $(bytes_of packed) < 9 << 20)) || fail "6 MiB of noise: $(bytes_of packed) are packed"
(($(bytes_of budget) >= 9 << 20)) || fail "10 MiB of noise: $(bytes_of budget) are budget"
"$DUMPCTL" info --memory -D "$T/s" >"$T/text"
has "$T/text" '^packed .*when compressed'
has "$T/text" '^budget .*what was left of Budget'
zstd -dcq --memory=128MB "$(only_dump "$T/s")" >"$T/core"
values "$PROGRAMS/no_file" "$T/core" secret_byte ring_byte '*secret_byte' '*ring_byte' '*gone_byte' >"$T/values"
for name in secret ring gone; do
    # Not everywhere are there secretmem and io_uring.
    ! grep -q "^${name}_byte = 0x0$" "$T/values" || continue
    has "$T/values" "^\*${name}_byte = error: Cannot access memory"
done
