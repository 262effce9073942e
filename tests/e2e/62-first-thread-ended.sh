#!/bin/bash
# SPDX-License-Identifier: MIT
# A first thread that has ended is a zombie, of which /proc/PID tells nothing: the facts come from
# the crashing thread's own directory.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need gdb zstd jq
program ended ended.c -pthread || fail "ended.c does not build"
dump_config "$T/ended.conf" mini "$T/ended"
crash_direct "$T/ended.conf" "$PROGRAMS/ended"
wait_dumps "$T/ended" 1
dump=$(only_dump "$T/ended")
equal "outcome" "$(field "$dump" outcome)" complete
equal "verified" "$(field "$dump" verified)" 1
equal "reason" "$(field "$dump" reason)" null # its memory was looked at, too
equal "exe" "$(field "$dump" exe)" "$PROGRAMS/ended"
equal "comm" "$(field "$dump" comm)" ended
[[ $(field "$dump" cwd) != null ]] || fail "no working directory"
[[ $(field "$dump" cgroup) != null ]] || fail "no control group"
[[ $(field "$dump" tid) != $(field "$dump" pid) ]] || fail "the first thread did not crash"
extract "$T" ended
gdb_run "$PROGRAMS/ended" "$T/ended.core" -ex bt >"$T/bt"
has "$T/bt" '#0 .*crash_here \('
has "$T/bt" '#1 .*other \('
