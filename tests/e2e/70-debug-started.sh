#!/bin/bash
# SPDX-License-Identifier: MIT
# dumpctl debug of programs that the kernel did not start by a path: through the dynamic linker, which is then the
# executable, and out of a file in memory. And what the debugger's environment and its core look like.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/debug.sh"

build "$T/old"
build "$T/new" -DNEW
was=$(build_id_of "$T/old") is=$(build_id_of "$T/new")
cp "$T/old" "$T/p"
linker=$(readelf -l "$T/p" | sed -n 's/.*interpreter: \(.*\)\]/\1/p')
crashed "$linker" "$T/p"
both ''
cp "$T/new" "$T/p.x" && mv "$T/p.x" "$T/p"
neither "$T/p is not the program that crashed \\(build-id $is, was $was\\)"

program memfd_exec memfd_exec.c || fail "memfd_exec.c does not build"
crashed "$PROGRAMS/memfd_exec" "$T/old"
neither "without the executable /memfd:program \\(it was a file in memory\\): only the core is opened"
DEBUGGERS=gdb
both '' --exe="$T/old"
neither "$T/new is not the program that crashed \\(build-id $is, was $was\\)" --exe="$T/new"

# Servers are asked if that was asked for, and the core is as old as the crash.
cat >"$T/gdb-like" <<'EOF'
#!/bin/sh
echo "urls=$DEBUGINFOD_URLS"
for core; do :; done
stat -Lc 'time=%Y' "$core"
EOF
chmod 755 "$T/gdb-like"
export DEBUGINFOD_URLS=http://127.0.0.1:9
time=$(($(field "$(only_dump "$T/c/mini")" timestamp) / 1000000))
for keep in '' --no-drop; do
    with_debugger "$DUMPCTL" debug -D "$T/c/mini" --debugger="$T/gdb-like" $keep >"$T/out" 2>"$T/err"
    equal "without --debuginfod" "$(cat "$T/out")" "urls="$'\n'"time=$time"
    with_debugger "$DUMPCTL" debug -D "$T/c/mini" --debugger="$T/gdb-like" --debuginfod $keep >"$T/out" 2>"$T/err"
    has "$T/out" '^urls=http://127.0.0.1:9$'
done
