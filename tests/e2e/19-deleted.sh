#!/bin/bash
# SPDX-License-Identifier: MIT
# The executable is gone when it crashes: the record says so, and its pages are in the dump as
# far as the kernel gave them.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/kinds.sh"

program frames frames.c || fail "frames.c does not build"
# It deletes itself at each crash.
check_kind deleted "$PROGRAMS/frames" bash -c 'cp "$1" "$2" && exec "$2" unlink' - "$PROGRAMS/frames" "$T/gone"
[[ ! -e $T/gone ]] || fail "the program did not delete itself"
crashed_in "$T/deleted" crash_here
has "$T/deleted/mini.frames" '#3 0x[0-9a-f]+ main$'
equal "exe" "$(field "$(only_dump "$T/deleted/mini")" exe)" "$T/gone (deleted)"
