#!/bin/bash
# SPDX-License-Identifier: MIT
# systemd's own coredumpctl on what dumpd wrote: list, info, dump and debug show the crashes
# that dumpctl shows. Debian's package is unpacked, not installed: it would take core_pattern.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need journalctl jq zstd gdb
unpack_coredumpctl() {
    command -v coredumpctl && return
    [[ ! -x $TOP/install/unpack-coredumpctl ]] || {
        "$TOP/install/unpack-coredumpctl" | tail -1
        return
    }
    (cd "$T" && apt-get -qq download systemd-coredump && dpkg -x systemd-coredump_*.deb unpacked) \
        >/dev/null 2>&1 && echo "$T/unpacked/usr/bin/coredumpctl"
}
COREDUMPCTL=$(unpack_coredumpctl) || true
[[ -x $COREDUMPCTL ]] || skip "no coredumpctl here, and none to unpack"
program frames frames.c || fail "frames.c does not build"
journal_start

crash "$T/a" "mini" "$PROGRAMS/frames" segv
crash "$T/b" "full" "$PROGRAMS/frames" abort
crash "$T/c" "none" "$PROGRAMS/frames" comm $'x\ny'
pid_of() {
    tr '\0' '\n' <"$T/$1/done" | head -1
}
journalctl --sync

"$COREDUMPCTL" list --no-pager --no-legend >"$T/list" 2>&1
for which in a:SIGSEGV:present b:SIGABRT:present c:SIGSEGV:none; do
    IFS=: read -r name signal state <<<"$which"
    has "$T/list" " $(pid_of $name) +0 +0 $signal $state"
    "$DUMPCTL" list --json | jq -e --argjson pid "$(pid_of $name)" \
        'map(select(.pid == $pid)) | length == 1' >/dev/null || fail "dumpctl list lacks $name"
done
# The same crashes in both; another test's may come between the two.
ours="$(pid_of a), $(pid_of b), $(pid_of c)"
same_text <("$COREDUMPCTL" list --no-pager --json=short |
    jq -S "[.[] | select(.pid | IN($ours)) | [.pid, .sig]] | sort") \
    <("$DUMPCTL" list --json | jq -S "[.[] | select(.pid | IN($ours)) | [.pid, .signal]] | sort")

"$COREDUMPCTL" info --no-pager "$(pid_of a)" >"$T/info" 2>&1
has "$T/info" "PID: $(pid_of a) \(frames\)"
has "$T/info" 'Signal: 11 \(SEGV\)'
has "$T/info" "Command Line: $PROGRAMS/frames segv"
has "$T/info" "Executable: $PROGRAMS/frames"
has "$T/info" "Storage: $T/a/mini/core\.frames\.0\..*\.zst \(present\)"
no_control_bytes "$T/info"

"$COREDUMPCTL" dump "$(pid_of a)" -o "$T/a.core" >"$T/dump" 2>&1 || fail "dump: $(cat "$T/dump")"
"$COREDUMPCTL" dump "$(pid_of b)" -o "$T/b.core" >"$T/dump" 2>&1 || fail "dump: $(cat "$T/dump")"
extract "$T/a" mini
same_bytes "$T/a.core" "$T/a/mini.core"
same_bytes "$T/b.core" "$T/b/kernel.core"
"$COREDUMPCTL" dump "$(pid_of c)" -o "$T/c.core" >"$T/dump" 2>&1 && fail "a core of Type=none"

"$COREDUMPCTL" debug "$(pid_of a)" -A '-nx -batch -ex bt' >"$T/debug" 2>&1 || fail "debug: $(tail -3 "$T/debug")"
has "$T/debug" '#0 .*crash_here \(how='
has "$T/debug" '#3 .*main \(argc=2'
