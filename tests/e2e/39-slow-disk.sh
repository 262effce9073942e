#!/bin/bash
# SPDX-License-Identifier: MIT
# A disk that is a hundred times slower than memory: the dump is complete, what waits for the disk is
# bounded, and the process does not wait for it where memory may.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/slow_disk.sh"

need_root
need jq mountpoint "$PYTHON"
program noise noise.c || fail "noise.c does not build"

# One crash, and a disk of its own for each way.
mib=64
mkdir -p "$T/one"
slow_way() { # NAME LINE...
    slow_store "$T/one/$1"
    dump_config "$T/one/$1.conf" full "$T/one/$1" "${@:2}"
}
slow_way none SpoolMax=0 ReleaseEarly=no
slow_way some SpoolMax=16M ReleaseEarly=no
slow_way all SpoolMax=1T ReleaseEarly=no
slow_way early SpoolMax=0 ReleaseEarly=yes
crash "$T/one" "" "$PROGRAMS/noise" $mib
for way in none some all early; do
    stored "$T/one" $way "0 4"
    dump=$(only_dump "$T/one/$way.disk")
    is_kernels $way "$dump" "$T/one/kernel.core"
    held=$(field "$dump" held) rss=$(cat "$T/one/$way.rss")
    echo "$way: held for $held of $(field "$dump" duration) us, $rss KiB"
    # a lower bound, by what the disk takes in of what there is no room for
    case $way in
    none) ((held > 1500000)) || fail "held for $held us: where did 64 MiB go?" ;;
    some) ((held > 1000000)) || fail "held for $held us: where did 64 MiB go?" ;;
    esac
    [[ $BUILD != *sanitize* ]] || continue
    case $way in
    all) ((rss > mib << 10)) || fail "$way: $rss KiB: what waits is not in memory" ;;
    some) ((rss <= 64 << 10)) || fail "$way: $rss KiB" ;;
    *) ((rss <= 48 << 10)) || fail "$way: $rss KiB" ;;
    esac
done

# The disk takes in nothing at all: the process is gone all the same, and its memory comes later.
gone_before() { # NAME LINE...
    local store=$T/$1
    slow_store "$store"
    dump_config "$T/$1.conf" full "$store" "${@:2}"
    : >"$store.shut"
    crash_direct "$T/$1.conf" "$PROGRAMS/noise" $mib
    equal "$1: status" "$CRASH_STATUS" 134
    empty_store "$store.disk"
    rm "$store.shut"
    wait_dumps "$store.disk" 1
    dump=$(only_dump "$store.disk")
    equal "$1: reason" "$(field "$dump" reason)" null
    equal "$1: outcome" "$(field "$dump" outcome)" complete
    "$DUMPCTL" extract -D "$store.disk" noise -o "$store.core" 2>"$T/extract"
    equal "$1: noise" "$(noise_kept "$store.core" "$T/one/kernel.core" $mib)" $((mib << 20))
}
gone_before early-shut SpoolMax=0 ReleaseEarly=yes
gone_before spool-shut SpoolMax=512M ReleaseEarly=no
