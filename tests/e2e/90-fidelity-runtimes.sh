#!/bin/bash
# SPDX-License-Identifier: MIT
# What `make fidelity` measures, on the quick ones of the large programs. Under its bars.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need gdb jq readelf cc go ruby "$PYTHON"
"$TOP/tests/fidelity/run" postgres go ruby --types mini --no-minicoredumper || fail "see above"
