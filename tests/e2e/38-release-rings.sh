#!/bin/bash
# SPDX-License-Identifier: MIT
# Rings of io_uring and AIO with requests under way: that the kernel cancelled them, because the process ended, is
# in no dump.
set -eu
. "$(dirname "$0")/release.sh"

need_root
need "$PYTHON"
snapshot_program
release_program rings || fail "rings.c does not build"

uring() {
    COMMAND=("$PROGRAMS/rings" uring "$1")
}

own() {
    COMMAND=("$PROGRAMS/rings" own "$1")
}

aio() {
    COMMAND=("$PROGRAMS/rings" aio "$1")
}

of_all_types io_uring uring
of_all_types AIO aio
status=0
(ulimit -c 0 && exec "$PROGRAMS/rings" own 1) 2>/dev/null || status=$?
((status == 77)) || of_all_types "its own" own
as_they_were
went held AIO mini heap full
# No files are registered with it, and its descriptor is open.
went early io_uring mini heap full
# The kernel writes into what looks like any other memory.
((status == 77)) || went copied "its own" mini heap full
