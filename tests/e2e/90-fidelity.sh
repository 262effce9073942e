#!/bin/bash
# SPDX-License-Identifier: MIT
# What `make fidelity` measures, on its quick programs and under its bars: what gdb sees in a
# dump is what it sees in the whole core of the same crash.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need gdb jq readelf c++ musl-gcc "$PYTHON"
for test in compare values; do
    "$PYTHON" -B "$TOP/tests/fidelity/test_$test.py" 2>"$T/$test" || {
        cat "$T/$test" >&2
        fail "$test.py does not tell the same from the wrong, or what can be read from what cannot"
    }
done
"$TOP/tests/fidelity/run" cxx plugins musl service threads --types "mini stacks triage" \
    --no-minicoredumper || fail "see above"
