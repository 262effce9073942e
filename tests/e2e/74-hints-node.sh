#!/bin/bash
# SPDX-License-Identifier: MIT
# The addon for Node: built by a plain compiler, with the headers of the node that runs it.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/hints.sh"

need_root
need node jq zstd
[[ -e /usr/include/node/node_api.h ]] || skip "the headers of node are not installed"
export NODE_HINTS=$T/node_hints.node
"${CC:-cc}" -std=c11 -shared -fPIC "${HINT_FLAGS[@]}" -isystem /usr/include/node -o "$NODE_HINTS" \
    "$HINTS/examples/node_hints.c" || fail "node_hints.c does not build"
example_start node node "$HINTS/examples/example.mjs"
example_stop
cut -d' ' -f1,3- "$T/node.table" | sort >"$T/table"
printf '%s\n' "keep 8192 2 state" "secret 64 0 password" "table" "text 200 0 why" >"$T/want"
same_text "$T/table" "$T/want"

example_crash node "full mini" node "$HINTS/examples/example.mjs" crash
one_of "status" "$CRASH_STATUS" 134 133 # abort() of node is a trap
cut -d' ' -f1,3- "$T/node/hints" | grep -v '^found\|^says' | sort >"$T/hints"
grep -v table "$T/want" >"$T/want.hints"
same_text "$T/hints" "$T/want.hints"
has "$T/node/hints" '^says why: order 4711 has no customer$'
# The addresses are those of the buffers.
address=$(sed -n 's/^secret \(0x[0-9a-f]*\) .*/\1/p' "$T/node/hints")
gdb_run "$(command -v node)" "$T/node/kernel.core" -ex "x/s $address" >"$T/gdb"
has "$T/gdb" "$PASSWORD" "the named memory"

# What is wrong is an exception, not a crash.
cat >"$T/wrong.cjs" <<'EON'
const addon = require(process.env.NODE_HINTS);
const view = new Uint8Array(16);
for (const wrong of [[], [4, "text", 0, ""], [4, {}, 0, ""], [9, view, 0, ""], [0, view, 0, ""],
                     [2, view, 0, ""], [4, view, 256, ""], [4, view, 0], [4, new Uint8Array(0), 0, ""]])
    try {
        addon.add(...wrong);
        process.exit(1);
    } catch (error) {
        if (error.code !== "ERR_DUMPD_HINTS") throw error;
    }
for (const wrong of [[], [1], [{}]])
    try {
        addon.remove(...wrong);
        process.exit(2);
    } catch (error) {
        if (error.code !== "ERR_DUMPD_HINTS") throw error;
    }
let held = [];
for (let i = 0; i < 1024; i++) held.push(addon.add(4, new Uint8Array(16), 0, "x".repeat(100)));
try {
    addon.add(4, view, 0, "");
    process.exit(3);
} catch (error) {
    if (!/space/.test(error.message)) throw error;
}
held.forEach(h => addon.remove(h));
held = [];
globalThis.gc();
addon.add(4, view, 0, "");
EON
node --expose-gc "$T/wrong.cjs" 2>"$T/err" || fail "status $? of wrong.cjs: $(cat "$T/err")"
