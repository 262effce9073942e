#!/bin/bash
# SPDX-License-Identifier: MIT
# What the other scripts 38-release-* measure with: the snapshot of a held process is what the kernel's core has,
# byte for byte, and the comparison sees a byte that is not the same, and a dump that has too little.
set -eu
. "$(dirname "$0")/release.sh"

need_root
need "$PYTHON"
snapshot_program
release_program thread_ends || fail "thread_ends.c does not build"
release_program mappings || fail "mappings.c does not build"

# The handler here is whoever keeps the stream.
printf '#!/bin/sh\nexec cat >%s\n' "$T/stream" >"$T/keep"
chmod 755 "$T/keep"
for PIPE_LIMIT in 0 512; do
    for threads in 1 200; do
        DUMPD=$T/keep SNAPSHOT=pages,core crash_released "$T/s" none "$PROGRAMS/thread_ends" 8 $threads 10
        same_bytes "$T/s/kernel.core" "$T/stream"
        "$PYTHON" -B "$E2E/against_snapshot.py" "$T/stream" "$T/s" $((8 << 20)) >"$T/said" ||
            fail "the kernel's own core: $(cat "$T/said")"
    done
done
# Notes that are more than a pipe usually holds, and more segments than e_phnum can say.
for program in "thread_ends 1 1000 1" "mappings 70000"; do
    # shellcheck disable=SC2086
    DUMPD=$T/keep SNAPSHOT=core MAX_MAP_COUNT=100000 crash_released "$T/l" none "$PROGRAMS/"$program
    same_bytes "$T/l/kernel.core" "$T/stream"
done
DUMPD=$T/keep SNAPSHOT=pages,core crash_released "$T/s" none "$PROGRAMS/thread_ends" 8 3 10
"$PYTHON" -B "$E2E/against_snapshot.py" "$T/stream" "$T/s" $((8 << 20)) >"$T/said" || fail "$(cat "$T/said")"
has "$T/said" '^compared [1-9][0-9]*, of them present [1-9][0-9]*, different 0$'

# differs WHAT LEAST: of $T/stream as it is now
differs() {
    ! "$PYTHON" -B "$E2E/against_snapshot.py" "$T/stream" "$T/s" "$2" >"$T/said" || fail "$1 is not seen"
}
differs "too little" $((1 << 30))
has "$T/said" 'different 0$'
cp --sparse=always "$T/stream" "$T/whole"
# A bit in the middle of 8 MiB.
"$PYTHON" -B - "$T/stream" "$E2E" <<'END'
import sys
sys.path.insert(0, sys.argv[2])
from corelab import Core
core = Core(sys.argv[1])
largest = max(core.loads(), key=lambda load: load["filesz"])
with open(sys.argv[1], "r+b") as file:
    file.seek(largest["offset"] + (4 << 20) + 123)
    byte = file.read(1)[0]
    file.seek(-1, 1)
    file.write(bytes([byte ^ 1]))
END
differs "one bit" 0
has "$T/said" 'different 1$'
cp --sparse=always "$T/whole" "$T/stream"
"$PYTHON" -B "$E2E/against_snapshot.py" "$T/stream" "$T/s" 0 >"$T/said" || fail "$(cat "$T/said")"
