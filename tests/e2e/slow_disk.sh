# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Stores on a disk that is slow, or does not take in anything. Sourced after lib.sh.

[[ -w /dev/fuse ]] || skip "no /dev/fuse here"
program slow_store slow_store.c -D_GNU_SOURCE "$E2E/programs/fuse_server.c" ||
    fail "slow_store.c does not build"

# Memory is copied at some 2 GB/s, by one thread.
SLOW_RATE=25000000

# slow_store STORE: its files are in STORE.disk. With STORE.shut memory does not get there.
slow_store() {
    mkdir -p "$1" "$1.disk"
    "$PROGRAMS/slow_store" "$1" "$1.disk" $SLOW_RATE "$1.shut" 8>&- &
    on_exit "kill $!; umount -l $1"
    wait_for 10 mountpoint -q "$1" || skip "no file system can be mounted here"
}

# What the program's memory is, by the record of the only dump: complete and the kernel's.
is_kernels() { # NAME DUMP CORE
    equal "$1: outcome" "$(field "$2" outcome)" complete
    equal "$1: reason" "$(field "$2" reason)" null
    (($(field "$2" size_memory) > 0)) || fail "$1: nothing was read out of memory"
    same_bytes <("$DUMPCTL" extract -D "${2%/*}" "$(field "$2" id)") "$3"
}

# noise_kept CORE REFERENCE MIB: how many bytes of noise.c's memory are there; none is another's. The
# reference is a whole core of it.
noise_kept() {
    "$PYTHON" - "$1" "$2" $(($3 << 20)) <<'END'
import struct
import sys


def segments(path):
    with open(path, "rb") as file:
        core = file.read()
    phoff, phnum = struct.unpack_from("<Q", core, 32)[0], struct.unpack_from("<H", core, 56)[0]
    headers = [struct.unpack_from("<IIQQQQQQ", core, phoff + 56 * i) for i in range(phnum)]
    return [(core[h[2]:h[2] + h[5]], h[6]) for h in headers if h[0] == 1]


want = max(segments(sys.argv[2]), key=lambda segment: segment[1])[0][:int(sys.argv[3])]
kept = 0
for got, size in segments(sys.argv[1]):
    if got[:4096] == want[:4096]:
        assert size == len(got), "what is not there is zeros"
        kept = min(len(got), len(want))
        assert got[:kept] == want[:kept], "other noise"
print(kept)
END
}
