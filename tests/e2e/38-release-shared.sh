#!/bin/bash
# SPDX-License-Identifier: MIT
# Shared memory of all kinds is in a dump as it was at the crash, whatever others do with it as soon as they
# hear of the death. So are files that are mapped privately, and what the process changed of these.
set -eu
. "$(dirname "$0")/release.sh"

need_root
need "$PYTHON"
snapshot_program
release_program shared_memory || fail "shared_memory.c does not build"

cleared() {
    COMMAND=("$PROGRAMS/shared_memory" clear "$1")
}

truncated() {
    COMMAND=("$PROGRAMS/shared_memory" truncate "$1")
}

overwritten() {
    COMMAND=("$PROGRAMS/shared_memory" overwrite "$1")
}

cut_short() {
    COMMAND=("$PROGRAMS/shared_memory" cut "$1")
}

of_all_types "cleared by the parent" cleared
of_all_types "truncated by the parent" truncated
of_all_types "overwritten by the parent" overwritten
of_all_types "cut short by the parent" cut_short
as_they_were
went held "cleared by the parent" mini heap full
went early "truncated by the parent" mini heap full
went early "overwritten by the parent" mini heap full
went early "cut short by the parent" mini heap full
