#!/bin/bash
# SPDX-License-Identifier: MIT
# What `make fidelity` measures, on programs that are not plain C: other allocators, fibers and
# coroutines, a hundred libraries, 32 bits. Under its bars.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need gdb jq readelf c++ "$PYTHON"
[[ -e /usr/include/boost/context/fiber.hpp && -e /usr/include/jemalloc/jemalloc.h ]] ||
    skip "the packages are not installed: install/deps fidelity"
programs="coroutines jemalloc tcmalloc libraries"
[[ $(uname -m) != x86_64 ]] || programs+=" m32"
# shellcheck disable=SC2086
"$TOP/tests/fidelity/run" $programs --types mini --no-minicoredumper || fail "see above"
