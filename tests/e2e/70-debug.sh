#!/bin/bash
# SPDX-License-Identifier: MIT
# dumpctl debug: gdb on the crash, the extracted core gone afterwards, and root is told when the
# dump is another user's (a debugger runs what the dump's program says) and gdb is root's all the same.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need gdb zstd jq setpriv unshare
program frames frames.c || fail "frames.c does not build"
install -m 755 "$PROGRAMS/frames" "$T/f"
mkdir -m 1777 "$T/tmp"
export TMPDIR=$T/tmp

crash "$T/a" mini "$T/f" segv
id=$(field "$(only_dump "$T/a/mini")" id)
with_debugger "$DUMPCTL" debug -D "$T/a/mini" "$id" -A '-nx -batch -ex bt' >"$T/out" 2>"$T/err" ||
    fail "debug: $(tail -3 "$T/err")"
has "$T/out" '#0 .*crash_here \(how='
has "$T/out" '#1 .*middle \(how='
has "$T/out" '#2 .*outer \(how='
has "$T/out" '#3 .*main \(argc=2'
equal "left in TMPDIR" "$(find "$T/tmp" -mindepth 1)" ""
equal "left in the store" "$(find "$T/a/mini" -mindepth 1 | wc -l)" 1

# gdb's own exit code, and a debugger of one's choice.
rc=0
with_debugger "$DUMPCTL" debug -D "$T/a/mini" "$id" -A '-nx -batch -ex "quit 7"' >"$T/out" 2>&1 || rc=$?
equal "exit code of gdb" "$rc" 7
rc=0
"$DUMPCTL" debug --no-drop -D "$T/a/mini" "$id" -A '-nx -batch -ex "quit 7"' >"$T/out" 2>&1 || rc=$?
equal "exit code of root's gdb" "$rc" 7
# Who starts it wants to hear of no child: the kernel then tells nobody, and that is inherited.
for keep in '' --no-drop; do
    rc=0
    # shellcheck disable=SC2086
    with_debugger timeout 60 "$PYTHON" -c 'import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])' "$DUMPCTL" debug $keep -D "$T/a/mini" "$id" -A '-nx -batch -ex "quit 7"' \
        >"$T/out" 2>&1 || rc=$?
    equal "exit code of gdb, SIGCHLD ignored, ${keep:-as its own user}" "$rc" 7
done
equal "left in TMPDIR" "$(find "$T/tmp" -mindepth 1)" ""

# Another user's.
crash "$T/b" mini setpriv --reuid=1000 --regid=1000 --clear-groups "$T/f" segv
id=$(field "$(only_dump "$T/b/mini")" id)
equal "uid" "$(field "$(only_dump "$T/b/mini")" uid)" 1000
for as in root 'user dumpd-debug'; do
    keep=
    [[ $as != root ]] || keep=--no-drop
    with_debugger "$DUMPCTL" debug -D "$T/b/mini" "$id" -A '-nx -batch -ex bt' $keep >"$T/out" 2>"$T/err" ||
        fail "debug: $(tail -3 "$T/err")"
    has "$T/err" "runs as $as" "standard error"
    has "$T/err" '1000' "standard error"
    has "$T/out" '#3 .*main \(argc=2'
done
equal "left in TMPDIR" "$(find "$T/tmp" -mindepth 1)" ""

# What is not there.
rc=0
"$DUMPCTL" debug -D "$T/a/mini" aaaaaaaaaaaa >"$T/out" 2>&1 || rc=$?
((rc != 0 && rc < 124)) || fail "debug of an unknown id: $rc"
has "$T/out" .
