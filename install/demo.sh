#!/bin/bash
# SPDX-License-Identifier: MIT
#
# sudo make demo: from a real crash to gdb's backtrace out of the stored dump, on a machine
# that has nothing yet. What it installs are Debian packages (install/deps); all else is put
# back or removed at the end.

set -euo pipefail
cd "$(dirname "$0")/.."

LOCK=/run/lock/dumpd-core-pattern.lock
PATTERN=/proc/sys/kernel/core_pattern
LIMIT=/proc/sys/kernel/core_pipe_limit
OPTIONS='%P %s %e -d%d -u%u -g%g -c%c -t%t -I%I -F%F'
step=0
work=
old_pattern=
old_limit=

heading() {
    step=$((step + 1))
    printf '\n== %d. %s\n' $step "$*"
}

die() {
    echo "demo: $*" >&2
    exit 1
}

# Shows a command, then runs it.
show() {
    local word
    printf '$'
    for word; do
        case $word in
        *[!A-Za-z0-9_./=-]*) printf " '%s'" "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    "$@"
}

restore() {
    [[ -n $old_pattern ]] || return 0
    printf '%s\n' "$old_pattern" >$PATTERN
    echo "$old_limit" >$LIMIT
    old_pattern=
}

cleanup() {
    restore
    [[ -z $work ]] || rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# core_pattern has room for 127 characters: a short directory, where programs may run.
make_work() {
    local base
    for base in /tmp /var/tmp /run /opt; do
        work=$(mktemp -d "$base/dumpd.XXXXXX") || continue
        install -m 755 build/dumpd "$work/dumpd"
        "$work/dumpd" >/dev/null 2>&1 || (($? == 126)) || break
        rm -rf "$work"
        work=
    done
    [[ -n $work ]] || die "no directory where programs may run"
    mkdir -m 750 "$work/store"
    printf '[Dump]\nType=mini\nDirectory=%s/store\nRuntimeDirectory=%s/run\n' "$work" "$work" >"$work/conf"
}

stored() {
    local dumps=("$work"/store/*.zst)
    [[ -e ${dumps[0]} ]]
}

# The process is gone before its dump has a name.
wait_stored() {
    local i
    for ((i = 0; i < 100; i++)); do
        ! stored || return 0
        sleep 0.1
    done
    die "no dump was stored; the kernel's log may say why"
}

crash_for_real() {
    exec 9>"$LOCK"
    flock 9
    old_limit=$(cat $LIMIT)
    old_pattern=$(cat $PATTERN)
    echo "kernel.core_pattern is '$old_pattern'; for this one crash it starts build/dumpd."
    printf '|%s/dumpd --config=%s/conf %s\n' "$work" "$work" "$OPTIONS" >$PATTERN
    echo 16 >$LIMIT
    echo "\$ ulimit -c unlimited; ./demo"
    {
        (ulimit -c unlimited && exec "$work/demo") 9>&- || echo "(status $?: it crashed)"
    } 2>/dev/null
    wait_stored
    restore
    exec 9>&-
    echo "kernel.core_pattern is '$(cat $PATTERN)' again."
}

# Where the kernel's setting belongs to somebody else: gdb writes a full core.
crash_in_gdb() {
    local status=0
    echo "kernel.core_pattern cannot be written here (a container?): gdb makes the core of"
    echo "the crashed program, and the same handler gets it on standard input."
    gdb -nx -q -batch -ex run -ex "generate-core-file $work/core" "$work/demo" \
        >"$work/gdb.out" 2>&1 || true
    [[ -s $work/core ]] || die "gdb made no core: $(tail -n 3 "$work/gdb.out")"
    "$work/dumpd" --config="$work/conf" $$ 11 demo <"$work/core" || status=$?
    # 4: stored, and no journald to tell.
    ((status == 0 || status == 4)) || die "dumpd ended with status $status"
    wait_stored
}

[[ $(id -u) == 0 ]] || die "run it as root: sudo make demo"

heading "What is needed"
install/deps build demo

heading "Build"
make -s -j2 SANITIZE=0 COVERAGE=0 all
ls -l build/dumpd build/dumpctl
make_work
cc -g -O0 -o "$work/demo" install/demo.c

heading "A program crashes"
# Opening it for writing is what a read-only /proc/sys and a user namespace refuse.
if (: >>$PATTERN) 2>/dev/null; then
    crash_for_real
else
    crash_in_gdb
fi

heading "What was caught (read from the files in the store)"
[[ -S /run/systemd/journal/socket ]] ||
    echo "No journald runs here. Where one does, the list comes from the journal too."
show build/dumpctl list -D "$work/store"
echo
show build/dumpctl info -D "$work/store"

heading "Why it crashed, from the stored dump alone"
unset DEBUGINFOD_URLS
# The crash is the demo's own, and this machine may not have the user for debuggers, which installing makes.
show build/dumpctl debug -D "$work/store" --no-drop --debugger=gdb \
    --debugger-arguments='-nx -q -batch -ex bt -ex "frame 1" -ex "info locals" -ex "print *order"'

heading "Done"
echo "The demo's files are removed, kernel.core_pattern is what it was."
echo "To catch every crash from now on: make install, then dumpctl setup."
