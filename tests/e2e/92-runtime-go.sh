#!/bin/bash
# SPDX-License-Identifier: MIT
# A Go program with 500 goroutines: its own debugger lists them, and the stack of each, from a dump
# as from the kernel's core.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need go dlv
EXE=$PROGRAMS/goroutines
mkdir -p "$PROGRAMS"
if [[ ! $EXE -nt $TOP/tests/fidelity/programs/goroutines.go ]]; then
    GOCACHE=$T/go GOFLAGS='' GO111MODULE=off GOTOOLCHAIN=local go build -gcflags='-N -l' -o "$EXE" \
        "$TOP/tests/fidelity/programs/goroutines.go" || fail "go does not build"
fi
echo 'goroutines -t 50' >"$T/commands"

# delve CORE OUT
delve() {
    timeout 60 dlv core "$EXE" "$1" --allow-non-terminal-interactive=true --init "$T/commands" \
        </dev/null >"$2" 2>&1 || fail "dlv on $1: $(tail -3 "$2")"
}

for how in panic abort; do
    dir=$T/$how
    crash "$dir" "mini heap" "$EXE" 500 $how
    delve "$dir/kernel.core" "$dir/kernel.dlv"
    # Of the one that was aborted, delve does not find the way back from the handler's stack.
    equal "goroutines that wait" "$(grep -c 'in sync\.(\*Mutex)\.Lock$' "$dir/kernel.dlv")" 499
    equal "their frames" "$(grep -c 'in main\.work$' "$dir/kernel.dlv")" "$([[ $how == panic ]] && echo 500 || echo 499)"
    has "$dir/kernel.dlv" 'Goroutine 1 - .* main\.main .*chan receive'
    for type in mini heap; do
        dump=$(only_dump "$dir/$type")
        extract "$dir" $type
        delve "$dir/$type.core" "$dir/$type.dlv"
        same_text "$dir/$type.dlv" "$dir/kernel.dlv"
    done
    size=$(stat -c %s "$(only_dump "$dir/mini")")
    ((size < 1200000)) || fail "mini: $size bytes, the bar is 1200000"
done
