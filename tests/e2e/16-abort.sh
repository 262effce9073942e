#!/bin/bash
# SPDX-License-Identifier: MIT
# abort(): the innermost frames are the C library's.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/kinds.sh"

program frames frames.c || fail "frames.c does not build"
check_kind abort "$PROGRAMS/frames" "$PROGRAMS/frames" abort
equal "status" "$CRASH_STATUS" 134
thread_count "$T/abort" 1
crashed_in "$T/abort" crash_here
has "$T/abort/mini.frames" '^si_signo 6$'
has "$T/abort/mini.frames" ' main$'
dump=$(only_dump "$T/abort/mini")
equal "signal" "$(field "$dump" signal)" 6
equal "its name" "$(field "$dump" signal_name)" SIGABRT
equal "its code" "$(field "$dump" signal_code)" -6
