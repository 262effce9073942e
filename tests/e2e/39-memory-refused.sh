#!/bin/bash
# SPDX-License-Identifier: MIT
# /proc/PID/mem refuses, from the beginning or midway: memory comes through the pipe, all of it, and the
# record says why. Where the process is gone already, it says what is missing.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need jq strace setpriv "$PYTHON"
program noise noise.c || fail "noise.c does not build"

# refused NAME TYPE "COMMAND" LINE...: a handler for crash() that COMMAND starts.
refused() {
    local prefix=$ONE/$1
    dump_config "$prefix.refused" "$2" "$prefix" "${@:4}"
    printf '#!/bin/sh\nexec %s %s --config=%s.refused "$@"\n' "$3" "$DUMPD" "$prefix" >"$prefix.handler"
    chmod 755 "$prefix.handler"
}

# A module of the kernel that refuses looks like this to who reads; some after a while.
trace="strace -f -qq -o /dev/null -e trace=pread64 -e inject=pread64:error=EPERM:when=30+"
no_rights="setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace"
ONE=$T/one
mkdir "$ONE"
refused open full "$no_rights" ReleaseEarly=yes
refused look mini "$no_rights" ReleaseEarly=yes
# at whatever is asked: bytes of memory, its pages, or whether the process is still held
MIDWAY="30 32 34 36 38 40 45 50 60"
for at in $MIDWAY; do
    refused "midway$at" full "${trace/30+/$at+}" ReleaseEarly=no
done
crash "$T/one" "" "$PROGRAMS/noise" 64
core=$T/one/kernel.core
size=$(stat -c %s "$core")

# told NAME "CODES" OUTCOME REASON: sets dump.
told() {
    stored "$ONE" "$1" "$2"
    dump=$(only_dump "$ONE/$1")
    equal "$1: outcome" "$(field "$dump" outcome)" "$3"
    field "$dump" reason >"$T/reason"
    has "$T/reason" "$4" "$1: the reason"
    "$DUMPCTL" extract -D "$ONE/$1" noise -o "$ONE/$1.core" 2>"$T/extract"
}

told open "0 4" complete '^memory came through the pipe: /proc/PID/mem or pagemap cannot be opened$'
same_bytes "$T/one/open.core" "$core"
equal "open: of memory" "$(field "$dump" size_memory)" 0
equal "open: of the pipe" "$(field "$dump" size_received)" "$size"

told look "0 4" complete '^planned without a look at memory: /proc/PID/mem or pagemap cannot be opened$'
equal "look: of memory" "$(field "$dump" size_memory)" 0

for at in $MIDWAY; do
    told "midway$at" "0 4" complete '^memory came through the pipe: /proc/PID/mem says Operation not permitted$'
    same_bytes "$T/one/midway$at.core" "$core"
    equal "midway$at: of the pipe" "$(field "$dump" size_received)" "$size"
    (($(field "$dump" size_memory) > 0)) || fail "midway$at: memory refused from the beginning"
done

# Nobody has it any more. On a busy machine it may be refused before the process is let go, and then the stream
# has all of it: once more.
for try in 1 2 3 4 5 6; do
    ONE=$T/late$try
    mkdir "$ONE"
    refused late full "${trace/30+/50+}" ReleaseEarly=yes
    crash "$ONE" "" "$PROGRAMS/noise" 64
    core=$ONE/kernel.core
    stored "$ONE" late "0 1 4"
    dump=$(only_dump "$ONE/late")
    [[ $(field "$dump" outcome) == complete && $(field "$dump" reason) == "memory came through the pipe"* ]] || break
    same_bytes <("$DUMPCTL" extract -D "$ONE/late" noise) "$core"
done
told late "1 4" cut '^the core ended early: [0-9]+ of [0-9]+ bytes came \(Operation not permitted\)'
has "$T/reason" '[0-9]+ of [0-9]+ bytes of memory are missing'
"$PYTHON" "$E2E/corelab.py" cut "$ONE/late.core" "$core" >"$T/kept" || fail "late: not part of the core"
(($(cat "$T/kept") > 1 << 20)) || fail "late: only $(cat "$T/kept") bytes are there"
