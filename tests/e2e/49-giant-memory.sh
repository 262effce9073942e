#!/bin/bash
# SPDX-License-Identifier: MIT
# More mappings, memory, objects and pointers than any process has, and all of it leads somewhere:
# the plan is made in a second and in 32 MiB.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/hostile.sh"
. "$E2E/giants.sh"

# Notes in the kernel's layout, 128 times the same ones, and no build-id among them.
many_notes() {
    "$PYTHON" - "$1" <<'END'
import struct
import sys

COUNT = 128
header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01" + bytes(9), 3, 62, 1, 0, 64, 0, 0,
                     64, 56, COUNT, 0, 0, 0)
segments = struct.pack("<IIQQQQQQ", 4, 4, 8192, 8192, 8192, 4096, 4096, 4) * COUNT
notes = struct.pack("<III", 0, 0, 1) * (4096 // 12)
with open(sys.argv[1], "wb") as file:
    file.write(((header + segments).ljust(8192, b"\0") + notes).ljust(16384, b"\0"))
END
}
many_notes "$T/notes"
truncate -s 1G "$T/sparse"

giant mappings mini mappings $mappings
giant reserved mini reserved 1024 1000
giant dense mini dense $mib
giant noise mini noise $noisy 7
giant objects mini objects "$T/notes" $objects
CUT_FILE=$T/sparse giant changed mini changed $((mib / 4)) "$T/sparse"

# And as many words as there can be that triage takes out, one by one.
giant noisy-stack triage stack 7
