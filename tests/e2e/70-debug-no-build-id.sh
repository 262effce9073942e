#!/bin/bash
# SPDX-License-Identifier: MIT
# dumpctl debug of a program without a build-id: its first page tells, and it is called "not verified".
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/debug.sh"

build "$T/old" -Wl,--build-id=none
build "$T/new" -Wl,--build-id=none -DNEW
cp "$T/old" "$T/p"
crashed "$T/p"
both ''
has "$T/gdb.err" "not verified, as they have no build-id: $T/p$"
cp "$T/new" "$T/p"
neither "$T/p is not the program that crashed \\(the crashed one has no build-id, and the first pages differ\\)"
