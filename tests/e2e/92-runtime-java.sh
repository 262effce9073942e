#!/bin/bash
# SPDX-License-Identifier: MIT
# A Java program with 20 threads of its own that crashes in a library: jhsdb lists them, their frames, locks and
# methods, from a dump as from the kernel's core.
set -eu
. "$(dirname "$0")/lib.sh"

JAVA=/usr/lib/jvm/java-17-openjdk-$(dpkg --print-architecture)
need_root
need "$JAVA/bin/javac" "$JAVA/bin/jhsdb"
SOURCES=$TOP/tests/fidelity/programs
"$JAVA/bin/javac" -g -d "$T" "$SOURCES/Ledger.java" || fail "Ledger.java does not build"
"${CC:-cc}" -std=gnu17 -D_GNU_SOURCE -O0 -g -shared -fPIC -isystem "$JAVA/include" \
    -isystem "$JAVA/include/linux" -o "$T/libledger.so" "$SOURCES/ledger.c" || fail "ledger.c does not build"

# stacks CORE OUT: the first line has the name of the core.
stacks() {
    timeout 100 "$JAVA/bin/jhsdb" jstack --exe "$(realpath "$JAVA/bin/java")" --core "$1" >"$2" 2>"$2.err" ||
        fail "jhsdb on $1: $(head -3 "$2.err")"
    sed -i 1d "$2"
}

crash "$T/java" "mini heap" "$JAVA/bin/java" -XX:ErrorFile=/dev/null -cp "$T" Ledger "$T/libledger.so"
stacks "$T/java/kernel.core" "$T/kernel"
equal "frames that go through the library" "$(grep -c 'Ledger\.between(java\.lang\.String, int)' "$T/kernel")" 4
equal "threads that wait" "$(grep -c '^"ledger [0-9]*" .*waiting for monitor entry' "$T/kernel")" 20
has "$T/kernel" 'Ledger\.outer\(Ledger, java\.lang\.String, int\)'
hasnt "$T/kernel" 'Exception|Error occurred'
for type in mini heap; do
    extract "$T/java" $type
    stacks "$T/java/$type.core" "$T/$type"
    same_text "$T/$type" "$T/kernel"
done
size=$(stat -c %s "$(only_dump "$T/java/mini")")
((size < 5000000)) || fail "mini: $size bytes, the bar is 5000000"
