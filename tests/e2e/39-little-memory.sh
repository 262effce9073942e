#!/bin/bash
# SPDX-License-Identifier: MIT
# A machine that has next to no memory left: the handler takes no more than it must, whatever SpoolMax
# says, and what it keeps is complete.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/slow_disk.sh"

need_root
need jq unshare mountpoint "$PYTHON"
program noise noise.c || fail "noise.c does not build"

# What /proc/meminfo says is what the handler knows: it gets another one.
cat >"$T/told" <<'END_OF_SCRIPT'
#!/bin/sh
mount --bind "$1" /proc/meminfo || exit 99
shift
exec "$@"
END_OF_SCRIPT
chmod 755 "$T/told"

# told DIR NAME "LINE of meminfo" CONFIG-LINE...: a handler of type full for crash().
told() {
    local prefix=$1/$2
    dump_config "$prefix.told" full "$prefix" "${@:4}"
    printf '%s\n' 'MemTotal:       24572140 kB' 'MemFree:        19313784 kB' "$3" \
        'Buffers:             708 kB' >"$prefix.meminfo"
    printf '#!/bin/sh\nexec unshare -m %s/told %s.meminfo %s --config=%s.told "$@"\n' "$T" \
        "$prefix" "$DUMPD" "$prefix" >"$prefix.handler"
    chmod 755 "$prefix.handler"
}

# is_small NAME KIB: the largest that the handler or its worker was. Sanitizers need more.
is_small() {
    local rss
    rss=$(cat "$1.rss")
    echo "${1##*/}: $rss KiB"
    [[ $BUILD == *sanitize* ]] || ((rss <= $2)) || fail "${1##*/}: $rss KiB, want at most $2"
}

# Nothing is available.
mib=1024
[[ $BUILD != *sanitize* ]] || mib=128
mkdir -p "$T/large"
told "$T/large" nothing "MemAvailable:         64 kB" SpoolMax=infinity
crash "$T/large" "" "$PROGRAMS/noise" $mib 8
stored "$T/large" nothing "0 4"
is_kernels nothing "$(only_dump "$T/large/nothing")" "$T/large/kernel.core"
is_small "$T/large/nothing" $((48 << 10))
rm -r "$T/large"

# A quarter of what is available, and no more, waits for a slow disk; nothing where that is not known
# (Linux before 3.14).
mkdir -p "$T/slow"
for way in nothing unknown quarter; do
    slow_store "$T/slow/$way"
done
told "$T/slow" nothing "MemAvailable:          0 kB" SpoolMax=infinity
told "$T/slow" unknown "SwapTotal:        131072 kB" SpoolMax=1T ReleaseEarly=no
told "$T/slow" quarter "MemAvailable:     131072 kB" SpoolMax=1T ReleaseEarly=no
crash "$T/slow" "" "$PROGRAMS/noise" 128
for way in nothing unknown quarter; do
    stored "$T/slow" $way "0 4"
    is_kernels $way "$(only_dump "$T/slow/$way.disk")" "$T/slow/kernel.core"
done
is_small "$T/slow/nothing" $((48 << 10))
is_small "$T/slow/unknown" $((48 << 10))
# a quarter, the buffers that are kept for what comes, and the handler itself
is_small "$T/slow/quarter" $((100 << 10))
[[ $BUILD == *sanitize* ]] || (($(cat "$T/slow/quarter.rss") > 40 << 10)) ||
    fail "what may wait does not wait in memory"
