#!/bin/bash
# SPDX-License-Identifier: MIT
# What a supervisor finds right after waitpid(): all that a process shared with others is free again, whether its
# memory is still being packed or not. Mounts and the executable are not, until then: README says so.
set -eu
. "$(dirname "$0")/release.sh"

need_root
snapshot_program
release_program after_death || fail "after_death.c does not build"
# Slow enough to be seen, were it held.
MIB=${MIB:-40}
BUSY=()

# after KIND TYPE [COMMAND...]: SAID is what the supervisor saw.
after() {
    local kind=$1 type=$2
    shift 2
    SNAPSHOT=none crash_released "$T/a" "$type" "$@" "$PROGRAMS/after_death" "$kind" "$MIB" "$T/file"
    equal "$kind, $type: status of the supervisor" "$CRASH_STATUS" 0
    equal "$kind, $type: outcome" "$(field "$(only_dump "$T/a/$type")" outcome)" complete
    SAID=$(cat "$T/a/out")
    RELEASES=$((RELEASES + 1))
}

# busy_for: milliseconds, 0 if free
busy_for() {
    sed -n 's/^free$/0/p; s/^busy for 0*\([0-9]*\)[.]\([0-9]*\) s$/\1\2/p' | sed 's/^0*\(.\)/\1/'
}

# io_uring lets go of its files in a work of its own, some 20 ms after the end of any process.
usual=0
for _ in 1 2 3; do
    ms=$("$PROGRAMS/after_death" uring 1 "$T/file" killed | busy_for)
    ((ms <= usual)) || usual=$ms
done

# is_free KIND
is_free() {
    local limit=0
    [[ $1 != uring ]] || limit=$((usual * 3 + 50))
    (($(busy_for <<<"$SAID") <= limit))
}

for ((round = 0; round < ROUNDS; round++)); do
    for kind in sysv shared private ofd uring aio; do
        for type in full mini; do
            rm -f "$T/file"
            after $kind $type
            is_free $kind || BUSY+=("$kind, $type: $SAID")
        done
    done
done
if ((${#BUSY[@]})); then
    printf '%s\n' "${BUSY[@]}" >&2
    fail "not free after waitpid()"
fi

# These end with the handler's work at the latest.
cp "$PROGRAMS/after_death" "$T/file"
after text full
one_of "the executable" "${SAID%% *}" free busy
mkdir "$T/mnt"
mount -t tmpfs after-death "$T/mnt"
on_exit 'umount "$T/mnt" 2>/dev/null'
SNAPSHOT=none crash_released "$T/a" full "$PROGRAMS/after_death" mount "$MIB" "$T/mnt/file"
one_of "the mount" "$(cut -d' ' -f1 "$T/a/out")" free busy
! mountpoint -q "$T/mnt" || fail "the mount is busy after all"
