#!/bin/bash
# SPDX-License-Identifier: MIT
# A crash inside a PID, mount and user namespace: the notes name the PID and the ids of inside,
# the kernel's arguments those of outside, and those hold.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/kinds.sh"

need unshare setpriv
program frames frames.c || fail "frames.c does not build"
cp "$PROGRAMS/frames" "$T/frames"

# The shell is PID 1 inside: unshare would die of its child's signal too, and dump.
cat >"$T/prison.sh" <<'EOF'
mount -t tmpfs none /mnt
cp "$1" /mnt/prisoner
/mnt/prisoner segv
exit 0
EOF
setpriv --reuid=1000 --regid=1000 --clear-groups unshare -Urpmf --mount-proc true 2>"$T/err" ||
    skip "no user namespaces here: $(head -1 "$T/err")"
check_kind inside "$T/frames" setpriv --reuid=1000 --regid=1000 --clear-groups \
    unshare -Urpmf --mount-proc bash "$T/prison.sh" "$T/frames"
crashed_in "$T/inside" crash_here
has "$T/inside/mini.frames" '#3 0x[0-9a-f]+ main$'
dump=$(only_dump "$T/inside/mini")
equal "uid outside" "$(field "$dump" uid)" 1000
equal "gid outside" "$(field "$dump" gid)" 1000
equal "comm" "$(field "$dump" comm)" prisoner
# Inside it had a small PID, outside not one of those.
has "$T/inside/mini.frames" '^thread [0-9] ' "the notes' PID"
(($(field "$dump" pid) > 9)) || fail "PID $(field "$dump" pid) is the one of inside"
# A path of that mount namespace, which the handler never opened.
equal "exe" "$(field "$dump" exe)" /mnt/prisoner
