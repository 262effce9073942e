#!/bin/bash
# SPDX-License-Identifier: MIT
# dumpctl debug of root where the debugger's own user may not read what was mapped: modules with a build-id are handed
# over, whether their directory or their mode is in the way; without one they are missing, as are files of data, whose
# names a dump can choose. Each is named.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/debug.sh"

# Data of the last minute before a crash may be written again without a trace: this is older then.
echo "what only root may read" >"$T/data"
chmod 600 "$T/data"
touch -d '1 hour ago' "$T/data"
data_settled=$((SECONDS + 62))

# A directory of root's.
mkdir -m 700 "$T/secret"
build "$T/secret/p"
crashed "$T/secret/p"
both ''
has "$T/gdb.err" "^dumpctl debug: handed over, as user dumpd-debug may not read: $T/secret/p$"
has "$T/lldb.err" "^dumpctl debug: handed over, as user dumpd-debug may not read: $T/secret/p$"
# A wrong one is not.
build "$T/secret/new" -DNEW
cp "$T/secret/p" "$T/secret/right"
cat "$T/secret/new" >"$T/secret/p"
DEBUGGERS=gdb
neither "$T/secret/p is not the program that crashed"
both '' --exe="$T/secret/right"
has "$T/gdb.err" "handed over, as user dumpd-debug may not read: $T/secret/right$"

# A mode, and a plugin.
build "$T/p" -DPLUGIN
build "$T/plugin.so" -shared -fPIC "$E2E/programs/debug_plugin.c"
chmod 700 "$T/p"
chmod 600 "$T/plugin.so"
crashed "$T/p" "$T/plugin.so"
DEBUGGERS="gdb lldb"
both plugin_
has "$T/gdb.err" "^dumpctl debug: handed over, as user dumpd-debug may not read: $T/p, $T/plugin.so$"
chmod 755 "$T/p"
DEBUGGERS=gdb
both plugin_
has "$T/gdb.err" "^dumpctl debug: handed over, as user dumpd-debug may not read: $T/plugin.so$"
# Where nothing proves that it is that one, it is missing.
build "$T/plain.so" -shared -fPIC "$E2E/programs/debug_plugin.c" -Wl,--build-id=none
chmod 600 "$T/plain.so"
crashed "$T/p" "$T/plain.so"
shown gdb
hasnt "$T/gdb.out" 'plugin_(inner|outer)'
has "$T/gdb.out" '[ `]main ?\('
has "$T/gdb.err" "^dumpctl debug: without $T/plain.so: user dumpd-debug may not read it$"
has "$T/gdb.err" '^dumpctl debug: frames in what is missing'
chmod 644 "$T/plain.so"
both plugin_

# Data.
build "$T/d" -DDATA
while ((SECONDS < data_settled)); do
    sleep 0.5
done
crashed "$T/d" "$T/data"
printed() {
    with_debugger "$DUMPCTL" debug -D "$T/c/mini" --debugger=gdb -A '-nx -batch -ex "print data"' >"$T/out" 2>"$T/err" ||
        fail "gdb: $(tail -3 "$T/err")"
}
printed
hasnt "$T/out" 'what only root'
has "$T/out" 'Cannot access memory'
has "$T/err" "^dumpctl debug: without $T/data: user dumpd-debug may not read it$"
