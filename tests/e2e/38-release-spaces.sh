#!/bin/bash
# SPDX-License-Identifier: MIT
# Address spaces of more than one process: the child of vfork(2) whose parent goes on, on the same stack, and
# a process that shares all memory (CLONE_VM). What they write once the other is dead is in no dump of it.
set -eu
. "$(dirname "$0")/release.sh"

need_root
need "$PYTHON"
snapshot_program
release_program vfork_child || fail "vfork_child.c does not build"
release_program sibling || fail "sibling.c does not build"

vfork_child() {
    COMMAND=("$PROGRAMS/vfork_child" "$1" 0)
}

vfork_deep() {
    COMMAND=("$PROGRAMS/vfork_child" "$1" 400)
}

sibling_after() {
    COMMAND=("$PROGRAMS/sibling" after "$1")
}

of_all_types vfork_child vfork_child
of_all_types "vfork_child, 400 deep" vfork_deep
of_all_types sibling sibling_after
as_they_were
went copied vfork_child mini heap full
went copied sibling mini heap full

# It runs on also while the other is held: then the record says so.
dump_config "$T/always.conf" mini "$T/always"
crash_direct "$T/always.conf" "$PROGRAMS/sibling" always $SMALL_MIB
wait_dumps "$T/always" 1
equal "reason" "$(field "$(only_dump "$T/always")" reason)" \
    "its memory is shared with PID $(cat "$T/direct.out") (sibling), which ran on"
