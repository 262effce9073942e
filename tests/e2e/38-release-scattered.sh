#!/bin/bash
# SPDX-License-Identifier: MIT
# Pages that lie far apart are copied before the process is released, too, and then it does not wait until they are
# on their way into frames, one by one.
set -eu
. "$(dirname "$0")/release.sh"

need_root
need "$PYTHON"
snapshot_program
release_program far_pages || fail "far_pages.c does not build"

for ((round = 0; round < ROUNDS; round++)); do
    for type in mini heap full; do
        for PIPE_LIMIT in 0 512; do
            for mib in 24 48; do
                as_it_was "scattered over $mib MiB" "$type" $SMALL_MIB "$PROGRAMS/far_pages" "$mib"
                equal "$type, $mib MiB" "$(way_of "$RELEASE_DUMP")" "copied: what is kept of it is small"
            done
        done
    done
done
as_they_were
