#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A small storm (make storm has the large one): what its last line says.

. "$(dirname "$0")/lib.sh"

need_root
need jq journalctl
STORM_AT_ONCE=48 STORM_OVER=24 STORM_ROW=40 STORM_PARALLEL=4 STORM_LOOP=60 \
    STORM_PARTS="at-once over row loop containers" \
    "$TOP/tests/storm/run" >"$T/storm.out" 2>"$T/storm.err" || {
    cat "$T/storm.out" "$T/storm.err" >&2
    fail "the storm has failed"
}
line=$(tail -n 1 "$T/storm.out")
# 48, 24 and 9, 40, 60 and 1; 26 and 1 where there are control groups
[[ $line =~ ^"storm: crashes "(182|209)", dumps "[0-9]+", records "[0-9]+", kernel-dropped "[1-9][0-9]*", unaccounted 0, leaked 0, stray 0"$ ]] ||
    fail "last line: $line"
