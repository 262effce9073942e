#!/bin/bash
# SPDX-License-Identifier: MIT
# A stack used up: thousands of frames, the stack pointer in the guard page, and once a handler
# on another stack, from which the debugger steps back over the signal frame.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/kinds.sh"

program overflow overflow.c || fail "overflow.c does not build"

# The usual limit, whatever it is here. frames.py bounds what is compared, and counts all frames.
STACK=8388608

check_kind plain "$PROGRAMS/overflow" prlimit --stack=$STACK "$PROGRAMS/overflow" plain
equal "status" "$CRASH_STATUS" 139
thread_count "$T/plain" 1
crashed_in "$T/plain" descend
has "$T/plain/mini.frames" 'frames (19|20)[0-9]{2} end'
has "$T/plain/mini.frames" ' main$'

check_kind altstack "$PROGRAMS/overflow" \
    prlimit --stack=$STACK "$PROGRAMS/overflow" altstack
equal "status" "$CRASH_STATUS" 134
crashed_in "$T/altstack" give_up
has "$T/altstack/mini.frames" ' on_segv$'
has "$T/altstack/mini.frames" ' descend$'
has "$T/altstack/mini.frames" 'frames (19|20)[0-9]{2} end'
has "$T/altstack/mini.frames" ' main$'
has "$T/altstack/mini.frames" '^si_signo 6$'
