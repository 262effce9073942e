#!/bin/bash
# SPDX-License-Identifier: MIT
# dumpctl debug of root: a debugger that the dump has taken over tries to kill and trace root's processes, to type at
# root's terminal, to connect, and to read what only root may; at a terminal and without one. Where there is no user for
# it, it is not started.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need zstd jq setpriv unshare gcc
program frames frames.c || fail "frames.c does not build"
program bad_debugger bad_debugger.c || fail "bad_debugger.c does not build"
install -m 755 "$PROGRAMS/frames" "$T/f"
install -m 755 "$PROGRAMS/bad_debugger" "$T/bad"
mkdir -m 1777 "$T/tmp" "$T/strays"
export TMPDIR=$T/tmp SECRET_TOKEN=of-root DEBUGINFOD_URLS=http://127.0.0.1:9

crash "$T/own" mini "$T/f" segv
crash "$T/other" mini setpriv --reuid=1000 --regid=1000 --clear-groups "$T/f" segv
own=$(field "$(only_dump "$T/own/mini")" id)
other=$(field "$(only_dump "$T/other/mini")" id)

# Who listens, and who is to be harmed: both are root's.
exec 5< <(exec "$PYTHON" -c '
import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
while True:
    s.accept()')
on_exit "kill $!"
read -r port <&5
victim() {
    sleep 1000 &
    VICTIM=$!
    on_exit "kill $VICTIM 2>/dev/null"
}
victim

left_nothing() {
    equal "left in TMPDIR" "$(find "$T/tmp" -mindepth 1)" ""
}

# told NAME VALUE: what the debugger says of itself, or of a try.
told() {
    equal "$1" "$(tr -d '\r' <"$T/out" | sed -n "s/^$1 //p")" "$2"
}

refused() { # NAME...
    local name errors
    for name; do
        errors=$(tr -d '\r' <"$T/out" | sed -n "s/^$name //p")
        # EPERM, ENXIO, EACCES
        one_of "$name" "$errors" 1 6 13
    done
}

harmless() {
    told ids "$DEBUGGER_ID $DEBUGGER_ID $DEBUGGER_ID"
    told groups 0
    told no_new_privs 1
    refused kill ptrace shadow memory
    [[ -e /proc/$VICTIM && $(cut -d' ' -f3 "/proc/$VICTIM/stat") == S ]] || fail "root's process was harmed"
    told descriptors "0 1 2 3"
    told core 0
    told core-owner "$DEBUGGER_ID"
    told core-links 0
    told core-mode 600
    told core-elf 1
    told home 0
    hasnt "$T/out" 'environment .*(SECRET|of-root)' "the environment"
    has "$T/out" "environment HOME=$T/tmp/dumpctl-debug-[^/]*/home" "the environment"
    left_nothing
}

unconnected() {
    refused connect socket-unix socket-netlink io_uring pair-datagram pair-raw
    told pair-stream 0
    hasnt "$T/out" 'environment DEBUGINFOD' "the environment"
}

# At a terminal. What it types at its own is nobody's, what it types at root's would be run by root's shell.
at_terminal() { # ROWSxCOLUMNS COMMAND...
    local size=$1
    shift
    timeout 100 "$PYTHON" "$E2E/terminal.py" "$T/out" "$size" -- "$@"
}
script='"$@" -A "$VICTIM $TEST_TERMINAL $PORT -"; echo "exit $?"; IFS= read -r -t 1 line; echo "typed [$line]"'
export VICTIM PORT=$port
with_debugger true
at_terminal 33x101 unshare --mount sh -c 'mount --bind "$0" /etc/passwd && exec bash -c "$@"' "$T/passwd" "$script" bash \
    "$DUMPCTL" debug -D "$T/own/mini" "$own" --debugger="$T/bad"
told typed "[]"
refused tiocsti
harmless
unconnected
told exit 7
told terminals 111
told leads 1
told window "33 101"
told modes same
told status 0
hasnt "$T/out" '^left '

# Without one.
rc=0
with_debugger "$DUMPCTL" debug -D "$T/own/mini" "$own" --debugger="$T/bad" -A "$VICTIM - $port $T/strays/one" \
    </dev/null >"$T/out" 2>"$T/err" || rc=$?
equal "exit status" "$rc" 7
harmless
unconnected
refused tiocsti-own
told terminals 000
told leads 1
has "$T/err" "^dumpctl debug: $T/bad runs as user dumpd-debug, without network, on a dump out of a directory that was named$"
# What wanted to outlive it.
stray=$(cat "$T/strays/one")
[[ ! -e /proc/$stray ]] || fail "$stray outlived the debugger: $(tr '\0' ' ' <"/proc/$stray/cmdline")"

# Out of the store: root's own process is root's business, another's is not.
stored_debug() { # KIND ID OPTION...
    local kind=$1 id=$2
    shift 2
    rc=0
    with_debugger "$DUMPCTL" debug --config="$T/$kind/mini.conf" "$id" --debugger="$T/bad" -A "$VICTIM - $port -" "$@" \
        </dev/null >"$T/out" 2>"$T/err" || rc=$?
    equal "exit status" "$rc" 7
    left_nothing
}
stored_debug other "$other"
harmless
unconnected
has "$T/err" "runs as user dumpd-debug, without network, on the dump of a process of user 1000"
stored_debug other "$other" --debuginfod
harmless
told connect 0
has "$T/out" "environment DEBUGINFOD_URLS=http://127.0.0.1:9"
has "$T/err" "runs as user dumpd-debug on the dump of a process of user 1000"
stored_debug own "$own"
told ids "0 0 0"
equal "what is said" "$(grep -c 'runs as' "$T/err" || true)" 0
told shadow 0
told kill 0
victim
stored_debug other "$other" --no-drop
told ids "0 0 0"
has "$T/err" "^dumpctl debug: warning: $T/bad runs as root on the dump of a process of user 1000$"
victim
# A file that is not root's says of itself what it likes.
chown 1000 "$(only_dump "$T/own/mini")"
stored_debug own "$own"
told ids "$DEBUGGER_ID $DEBUGGER_ID $DEBUGGER_ID"
has "$T/err" "on a dump whose file does not belong to root"
chown 0 "$(only_dump "$T/own/mini")"

# No user for it, or the worker's: nothing is started.
nobody_there() { # REGEX
    rc=0
    unshare --mount sh -c 'mount --bind "$0" /etc/passwd && exec "$@"' "$T/users" "$DUMPCTL" debug -D "$T/own/mini" \
        "$own" --debugger="$T/bad" -A "$VICTIM - $port -" </dev/null >"$T/out" 2>"$T/err" || rc=$?
    equal "exit status" "$rc" 1
    equal "what the debugger prints" "$(cat "$T/out")" ""
    has "$T/err" "$1"
    has "$T/err" '--no-drop'
    left_nothing
}
grep -v '^dumpd-debug:' /etc/passwd >"$T/users"
nobody_there 'user dumpd-debug, which is not there'
has "$T/err" '^  systemd-sysusers dumpd.conf$'
echo "dumpd-debug:x:0:0::/:/bin/sh" >>"$T/users"
nobody_there 'user dumpd-debug, which is not there'
{
    grep -vE '^dumpd(-debug)?:' /etc/passwd
    echo "dumpd:x:64986:64986::/:/bin/sh"
    echo "dumpd-debug:x:64986:64986::/:/bin/sh"
} >"$T/users"
nobody_there "must not have the id of the handler's worker"
# The command that was told makes it.
if command -v systemd-sysusers >/dev/null; then
    mkdir -p "$T/image/etc" "$T/image/usr/lib/sysusers.d"
    cp "$TOP/install/sysusers.d/dumpd.conf" "$T/image/usr/lib/sysusers.d/"
    systemd-sysusers --root="$T/image" dumpd.conf >"$T/out" 2>&1 || fail "systemd-sysusers: $(cat "$T/out")"
    has "$T/image/etc/passwd" '^dumpd-debug:'
fi
