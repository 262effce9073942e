#!/bin/bash
# SPDX-License-Identifier: MIT
# Memory that matters most comes first in the file, so content is not in the order of addresses: gdb, lldb,
# elfutils, delve and coredumpctl read it as they read the kernel's own core.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need jq gdb lldb eu-stack eu-unstrip eu-readelf readelf "$PYTHON"
program best_first best_first.c -pthread || fail "best_first.c does not build"
journal_start
EXE=$PROGRAMS/best_first
crash "$T/c" "stacks mini heap full" "$EXE" 3

# by_tool TOOL CORE OUT: what a tool shows, without the core's own name.
by_tool() {
    case $1 in
    gdb) gdb_run "$EXE" "$2" -ex 'info sharedlibrary' -ex 'thread apply all bt full' -ex 'print counter' || true ;;
    lldb) lldb -x -b -o 'thread backtrace all' -o 'frame variable' -o 'image list' \
        -o 'memory read -c 256 $sp' -o 'target variable counter' -c "$2" "$EXE" 2>&1 ;;
    eu-stack) eu-stack --core="$2" -m -b 2>&1 || true ;;
    eu-unstrip) eu-unstrip -n --core="$2" 2>&1 ;;
    eu-readelf) eu-readelf -n "$2" 2>&1 ;;
    esac | sed -E "s#$2#CORE#g; /^ELF +\(0x|^Note segment of|^(\(lldb\) )?target create/d" >"$3"
}
for type in stacks mini heap full; do
    extract "$T/c" $type
    equal "$type: by rank" "$("$PYTHON" "$E2E/corelab.py" order "$T/c/$type.core")" \
        "$([[ $type == full ]] && echo no || echo yes)"
    for tool in gdb lldb eu-stack eu-unstrip eu-readelf; do
        by_tool $tool "$T/c/kernel.core" "$T/kernel.$tool"
        by_tool $tool "$T/c/$type.core" "$T/$type.$tool"
        same_text "$T/kernel.$tool" "$T/$type.$tool"
    done
done
# and they show something
equal "gdb: frames" "$(grep -E '^#[0-9]+ .*crash_here \(depth=' "$T/mini.gdb" | sort -u | wc -l)" 6
has "$T/mini.gdb" 'text = "deep in the stack'
has "$T/mini.gdb" '^\$1 = 4711$'
for number in 1 2 3; do
    has "$T/mini.gdb" "worker_wait \(number=$number\)"
    has "$T/mini.lldb" "worker_wait\(number=$number\)"
done
has "$T/mini.lldb" 'crash_here\(depth=0\)'
has "$T/mini.lldb" 'counter = 4711'
has "$T/mini.eu-stack" 'crash_here - .*/best_first'
has "$T/mini.eu-stack" 'worker_wait - .*/best_first'
has "$T/mini.eu-unstrip" 'libc\.so\.6$'
has "$T/mini.eu-unstrip" 'ld-linux-x86-64\.so\.2$'

# coredumpctl: what it gives is the same core, and gdb by it shows the frames.
coredumpctl=$(command -v coredumpctl || "$TOP/install/unpack-coredumpctl" | tail -1) || true
if [[ -x $coredumpctl ]]; then
    pid=$(tr '\0' '\n' <"$T/c/done" | head -1)
    which="COREDUMP_PID=$pid COREDUMP_FILENAME=$(only_dump "$T/c/mini")"
    # shellcheck disable=SC2086
    "$coredumpctl" dump $which -o "$T/ctl.core" >"$T/ctl" 2>&1 || fail "coredumpctl dump: $(cat "$T/ctl")"
    same_bytes "$T/ctl.core" "$T/c/mini.core"
    # shellcheck disable=SC2086
    "$coredumpctl" info --no-pager $which >"$T/info" 2>&1
    has "$T/info" "Signal: 11 \(SEGV\)"
    # shellcheck disable=SC2086
    "$coredumpctl" debug $which -A '-nx -batch -ex bt' >"$T/debug" 2>&1 || fail "coredumpctl debug: $(tail -3 "$T/debug")"
    has "$T/debug" '^#5 .* crash_here \(depth=5\)'
fi

# Go: goroutines come out of the heap, the crash's stack too.
need go dlv
GO111MODULE=off GOCACHE=$T/cache GOFLAGS='' go build -gcflags='all=-N -l' -o "$T/crash" \
    "$E2E/programs/crash.go" || fail "crash.go does not build"
crash "$T/go" "mini heap" "$T/crash"
printf '%s\n' goroutines bt 'print runtime.ncpu' 'goroutine 1' 'frame 13' locals args exit >"$T/commands"
dlv_on() {
    timeout 60 dlv core "$T/crash" "$1" --init "$T/commands" --allow-non-terminal-interactive=true \
        </dev/null >"$2" 2>&1 || true
}
dlv_on "$T/go/kernel.core" "$T/kernel.dlv"
has "$T/kernel.dlv" 'main\.crashes'
has "$T/kernel.dlv" '^\[10 goroutines\]'
for type in mini heap; do
    extract "$T/go" $type
    equal "go, $type: by rank" "$("$PYTHON" "$E2E/corelab.py" order "$T/go/$type.core")" yes
    dlv_on "$T/go/$type.core" "$T/$type.dlv"
    same_text "$T/kernel.dlv" "$T/$type.dlv"
done
