#!/bin/bash
# SPDX-License-Identifier: MIT
# dumpctl debug of root at a terminal: the debugger has another one that looks the same, with its size, Ctrl-C and Ctrl-D;
# root's is as it was, however this ends; the debugger ends with dumpctl. Beside a pager it takes no key of that one's.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need gdb zstd jq unshare
program frames frames.c || fail "frames.c does not build"
install -m 755 "$PROGRAMS/frames" "$T/f"
mkdir -m 1777 "$T/tmp" "$T/pids"
export TMPDIR=$T/tmp TERM=dumb
crash "$T/a" mini "$T/f" segv
with_debugger true

# A debugger that does this in a shell.
debugger() {
    printf '#!/bin/bash\n%s\n' "$1" >"$T/debugger"
    chmod 755 "$T/debugger"
}

# at_terminal SCRIPT [EXPECTED KEYS]...: SCRIPT calls `debug'.
at_terminal() {
    local script=$1
    shift
    cat >"$T/script" <<END
debug() { "$DUMPCTL" debug -D "$T/a/mini" "\$@"; }
$script
END
    timeout 120 "$PYTHON" "$E2E/terminal.py" "$T/out" 33x101 "$@" -- \
        unshare --mount sh -c 'mount --bind "$0" /etc/passwd && exec bash "$1"' "$T/passwd" "$T/script"
}

as_before() {
    has "$T/out" '^modes same$'
    has "$T/out" '^expected 0$'
    has "$T/out" '^status 0$'
    equal "left in TMPDIR" "$(find "$T/tmp" -mindepth 1)" ""
}

at_terminal 'debug --debugger=gdb -A "-nx -q"; echo "exit $?"' \
    '\(gdb\) ' 'print 6*7\r' '\$1 = 42' 'shell stty size\r' '33 101' '!40x90' '\(gdb\) ' 'shell stty size\r' \
    '40 90' 'python print("be" + "gun"); gdb.flush(); [0 for _ in iter(int, 1)]\r' 'begun' '\x03' \
    '(KeyboardInterrupt|Quit)(.|\s)*\(gdb\) ' '\x04'
has "$T/out" '^exit 0$'
as_before

debugger 'kill -KILL $$'
at_terminal "debug --debugger=$T/debugger; echo \"exit \$?\""
has "$T/out" '^exit 137$'
as_before

# Stopped, it would wait for a shell that it has not.
debugger 'kill -STOP $$; echo "goes on"'
at_terminal "debug --debugger=$T/debugger; echo \"exit \$?\""
has "$T/out" '^goes on$'
as_before

# What dumpctl is sent, and a debugger that takes no notice.
debugger "trap '' TERM HUP INT QUIT; echo \$\$ >$T/pids/\$\$; while :; do sleep 0.2; done"
ended() {
    [[ ! -e /proc/$1 ]] || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}
started() {
    [[ -n $(find "$T/pids" -type f -size +0) ]]
}
for signal in TERM HUP KILL; do
    rm -f "$T"/pids/*
    at_terminal "debug --debugger=$T/debugger; echo \"exit \$?\"" &
    terminal=$!
    wait_for 30 started || fail "the debugger was not started"
    pid=$(cat "$T"/pids/*)
    kill -$signal "$(sed -n 's/^PPid:.//p' "/proc/$pid/status")"
    wait_for 10 ended "$pid" || fail "SIG$signal of dumpctl: the debugger goes on"
    wait $terminal || fail "terminal.py: $?"
    has "$T/out" '^exit 137$'
    [[ $signal != KILL ]] || {
        # nobody can put anything right then, but the debugger is no more
        rm -rf "$T"/tmp/dumpctl-debug-*
        continue
    }
    as_before
done

# Output is no terminal: lines go over, and what is typed in another's mode is that one's.
debugger 'read -r line; echo "got $line"; tty'
at_terminal "debug --debugger=$T/debugger | cat; echo done" 'without network' 'a line\r'
has "$T/out" '^got a line$'
as_before
debugger 'sleep 4; echo slow'
at_terminal "debug --debugger=$T/debugger | { stty -icanon min 1; sleep 0.5; echo ready; read -rn1 key </dev/tty
    stty icanon; echo; echo \"key \$key\"; cat; }" 'ready' 'k'
has "$T/out" '^key k$'
has "$T/out" '^slow$'
as_before

# Neither is: nothing of the terminal is left to the debugger.
debugger 'tty; (: </dev/tty) 2>&1; ps -o tty= -p $$'
at_terminal "debug --debugger=$T/debugger </dev/null >$T/none 2>&1; echo done"
has "$T/none" '^not a tty$'
has "$T/none" 'No such device or address'
has "$T/none" '^\?'
as_before
