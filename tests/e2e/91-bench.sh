#!/bin/bash
# SPDX-License-Identifier: MIT
# What `make bench` leaves, on its smallest crash and without peers: every figure is there, has been
# measured, and belongs together. No time is judged.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need jq unshare nsenter zstd "$PYTHON"
[[ -x /lib/systemd/systemd-journald ]] || skip "systemd-journald is not installed"

BENCH=$TOP/tests/bench
JSON=$T/out/bench.json

# its FILTER: of bench.json
its() {
    jq -c "$1" "$JSON"
}

# The machine's own, while no test has its.
settings() {
    { flock 9 && cat /proc/sys/kernel/core_p* /proc/sys/fs/suid_dumpable; } 9>>"$PATTERN_LOCK"
}

before=$(settings)
"$BENCH/run" tiny --handlers floor,kernel,mini --rounds 2 --no-peers --out "$T/out" --chart "$T/chart.svg" \
    >"$T/table" 2>"$T/progress" || {
    cat "$T/table" "$T/progress" >&2
    fail "tests/bench/run failed"
}
equal "settings afterwards" "$(settings)" "$before"
equal "rows" "$(its '[.rows[] | [.crash, .handler, .count]]')" \
    '[["tiny","floor",10],["tiny","kernel",10],["tiny","mini",10]]'
equal "failures" "$(its .failures)" '[]'
equal "rounds" "$(its .rounds)" 2
# In order, and none of them nothing: who is held for no time has not been measured.
equal "times" "$(its '[.rows[] | .rounds[] | .held > 0 and .held < 60 and .durable >= .held] | all')" true
equal "spreads" "$(its '[.rows[] | .held, .durable | .min <= .median and .median <= .max] | all')" true
equal "CPU of handlers" "$(its '[.rows[] | select(.handler != "kernel").cpu.median > 0] | all')" true
equal "memory of handlers" "$(its '[.rows[] | select(.handler != "kernel").rss.min >= 65536] | all')" true
equal "the floor stores" "$(its '[.rows[] | select(.handler == "floor").size.max]')" '[0]'
equal "the others store" "$(its '[.rows[] | select(.handler != "floor").size.min >= 4096] | all')" true
# The whole core has more than what a debugger needs, which is compressed.
equal "mini is smaller" "$(its '.rows | map({(.handler): .size.max}) | add | .mini < .kernel')" true
equal "bars judged without what they are relative to" \
    "$(its '[.bars[] | select(.state != "not measured")]')" '[]'
has "$T/table" '^tiny +mini '
"$PYTHON" -c 'import sys, xml.etree.ElementTree as tree; tree.parse(sys.argv[1])' "$T/chart.svg"
same_bytes "$T/chart.svg" "$T/out/bench.svg"
has "$T/chart.svg" '>dumpd mini<'

# One that is missed is named, and is an exit status.
"$PYTHON" -B - "$BENCH" >"$T/judged" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
import bars


def row(crash, handler, held, rss=0):
    one = {"median": held, "min": held, "max": held}
    of_rss = {"median": rss, "min": rss, "max": rss}
    return {"crash": crash, "handler": handler, "held": one, "durable": one, "cpu": one, "size": one,
            "rss": of_rss}


rows = [row("dense", "before-mini", 0.12), row("tiny", "before-mini", 0.08), row("huge", "floor", 0.2), row("huge", "mini", 0.041),
        row("dense", "floor", 0.1), row("dense", "mini", 0.164), row("reserve", "floor", 0.1),
        row("reserve", "mini", 0.166), row("tiny", "systemd", 0.4), row("tiny", "mini", 0.1),
        row("huge", "full-off", 9, 49 << 20), row("heap64", "floor", 0.01), row("heap64", "mini", 0.02),
        row("heap8192", "floor", 0.2), row("heap8192", "mini", 0.24)]
for bar in bars.evaluate(rows):
    if bar["state"] != "not measured":
        print(bar["state"], bar["bar"], bar["rule"])
END
cat >"$T/wanted" <<'END'
met mini, dense: held 1.5 x floor + 15 ms
MISSED mini, reserve: held 1.5 x floor + 15 ms
met mini, huge: held 1.5 x floor + 15 ms
met mini, tiny: held 1/4 x systemd
met mini, tiny: held 1.3 x before-mini
MISSED mini, dense: held 1.3 x before-mini
MISSED mini, huge: held 1/5 x floor
MISSED full-off, huge: rss for any crash
MISSED mini, 64 MiB to 8 GiB: held over floor, largest - smallest flat
END
same_text "$T/judged" "$T/wanted"

# Another build beside this one; here it is the same.
"$BENCH/run" tiny --handlers mini --rounds 1 --against "$BUILD" --out "$T/out" >"$T/table" 2>"$T/progress" ||
    [[ $? == 1 ]]
equal "rows of both builds" "$(its '[.rows[].handler]')" '["mini","before-mini"]'
equal "bars of both builds" "$(its '[.bars[] | select(.state != "not measured").bar]')" '["mini, tiny: held"]'
has "$T/table" "^the other build: $BUILD$"
rc=0
"$BENCH/run" tiny --handlers before-mini --out "$T/out" >"$T/said" 2>&1 || rc=$?
equal "status without another build" "$rc" 1
has "$T/said" "which build is to be said by --against"

# A handler that fails has no figures, and then the run has failed.
mkdir "$T/bin"
printf '#!/bin/sh\nexit 3\n' >"$T/bin/zstd"
chmod 755 "$T/bin/zstd"
rc=0
PATH=$T/bin:$PATH "$BENCH/run" tiny --handlers floor,zstd --rounds 1 --out "$T/out" >"$T/said" 2>&1 || rc=$?
equal "status of a run in which a handler fails" "$rc" 1
has "$T/said" '^failed: tiny, zstd: ended with 3$'
equal "rows without it" "$(its '[.rows[].handler]')" '["floor"]'

rc=0
"$BENCH/run" nonsense --out "$T/out" >"$T/said" 2>&1 || rc=$?
equal "status on a crash that there is not" "$rc" 2
has "$T/said" "'nonsense' is not one of: tiny "
