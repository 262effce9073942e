#!/bin/bash
# SPDX-License-Identifier: MIT
# The drop map: every range of memory has one fate, and the dump has just what is kept. As a
# picture it fits a terminal, and of an older dump without a map it says so.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need jq zstd
program bigheap bigheap.c -pthread || fail "bigheap.c does not build"
crash "$T/big" "stacks mini heap full" "$PROGRAMS/bigheap"

# map_holds TYPE: the map against the core's own program headers.
map_holds() {
    "$DUMPCTL" info --memory --json -D "$T/big/$1" >"$T/$1.json" || fail "info --memory --json"
    extract "$T/big" "$1"
    "$PYTHON" "$E2E/memory_map.py" check "$T/$1.json" "$T/big/$1.core" "$T/big/kernel.core" ||
        fail "$1: the map does not hold"
}
for type in stacks mini heap full; do
    map_holds $type
done
count() {
    jq "[.[0].ranges[] | select($2)] | length" "$T/$1.json"
}
equal "[heap] in stacks" "$(count stacks '.name == "[heap]" and .fate == "kept" and .rank == "private"')" 0
(($(count stacks '.fate == "type" and .rank == "private"') > 0)) || fail "stacks: nothing is left out by type"
(($(count mini '.fate == "budget"') > 0)) || fail "mini: nothing is left out by its budget"
(($(count mini '.name == "[stack]" and .rank == "crash" and .fate == "kept"') > 0)) || fail "mini: no crash stack"
(($(count mini '.name == "'"$PROGRAMS/bigheap"'" and .fate == "file"') > 0)) || fail "mini: no text in its file"
equal "full: left out" "$(count full '.fate != "kept" and .fate != "file" and .fate != "not-offered" and .fate != "untouched"')" 0

# People: no colours and no control bytes in a file, ASCII in the C locale, sums.
"$DUMPCTL" info --memory -D "$T/big/mini" >"$T/text"
no_control_bytes "$T/text"
has "$T/text" '^[0-9a-f]{16} #{24} +132\.0K rw- +132\.0K \[heap\]$'
has "$T/text" '^[0-9a-f]{16} \.{24} .* r-x +0B .*/libc\.so\.6$'
has "$T/text" '^[0-9a-f]{16} [-#+]*\+[-#+]* 128\.0M rw-'
has "$T/text" '^# kept  \+ kept in part  - left out  \. in its file'
# Every other page of it was never touched.
has "$T/text" '^budget +6[0-9]\.[0-9]M more than what was left of Budget$'
has "$T/text" '^untouched +64\.[0-9]M never touched: it reads as zeros$'
has "$T/text" '^private +[0-9.]+K +12[0-9]\.[0-9]M other private memory$'
equal "bytes that are not ASCII" "$(LC_ALL=C grep -acP '[^\x00-\x7f]' "$T/text" || true)" 0
LC_ALL=C.UTF-8 "$DUMPCTL" info --memory -D "$T/big/mini" >"$T/text"
has "$T/text" ' (█){24} +132\.0K rw- +132\.0K \[heap\]$'

# A terminal of 80 columns: no line is longer, and colours unless they are not wanted.
on_terminal() {
    "$PYTHON" - "$@" <<'END' | tr -d '\r'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execvp("env", ["env"] + sys.argv[1:])
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
os.waitpid(pid, 0)
END
}
on_terminal TERM=xterm LC_ALL=C.UTF-8 "$DUMPCTL" info --memory -D "$T/big/mini" >"$T/tty"
has "$T/tty" $'\e\\[0;32m(█){24}\e\\[0m +132'
sed $'s/\e\\[[0-9;]*m//g' "$T/tty" >"$T/plain"
no_control_bytes "$T/plain"
longest=$(LC_ALL=C.UTF-8 wc -L <"$T/plain")
((longest <= 80)) || fail "a line of $longest columns on a terminal of 80"
has "$T/plain" ' r-x +0B ~.*libc\.so\.6$'
on_terminal TERM=xterm NO_COLOR=1 LC_ALL=C "$DUMPCTL" info --memory -D "$T/big/mini" >"$T/tty"
no_control_bytes "$T/tty"
on_terminal TERM=dumb LC_ALL=C "$DUMPCTL" info --memory -D "$T/big/mini" >"$T/tty"
no_control_bytes "$T/tty"

# An older dump: the same file without the map's frame.
mkdir "$T/old"
"$PYTHON" "$E2E/memory_map.py" strip "$(only_dump "$T/big/mini")" "$T/old/x.zst"
"$DUMPCTL" extract -D "$T/old" bigheap -o "$T/old.core"
same_bytes "$T/old.core" "$T/big/mini.core"
"$DUMPCTL" info --memory -D "$T/old" >"$T/text"
has "$T/text" 'This dump has no drop map'
has "$T/text" '/libc\.so\.6$'
hasnt "$T/text" '^RANK'
"$DUMPCTL" info --memory --json -D "$T/old" >"$T/old.json"
jq -e '.[0].derived and ([.[0].ranges[].fate] | unique == ["file", "kept", "not-offered"])' "$T/old.json" >/dev/null ||
    fail "derived ranges: $(head -c 500 "$T/old.json")"

# A crash without a dump: said, and JSON all the same.
mkdir "$T/none"
rc=0
"$DUMPCTL" info --memory --json -D "$T/none" >"$T/none.json" 2>"$T/err" || rc=$?
equal "status without a dump" "$rc" 1
equal "JSON without a dump" "$(jq -c . "$T/none.json")" "[]"
