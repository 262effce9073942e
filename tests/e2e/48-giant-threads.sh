#!/bin/bash
# SPDX-License-Identifier: MIT
# 4,000 threads, and all that they point to is each other's: the plan is made in a second and in
# 32 MiB, and has all their stacks.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/hostile.sh"
. "$E2E/giants.sh"

giant threads mini threads $threads 16
giant dtv mini dtv $threads
giant signals mini signals $((threads / 2))
