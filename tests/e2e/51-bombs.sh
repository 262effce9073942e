#!/bin/bash
# SPDX-License-Identifier: MIT
# Files that make much out of little: whoever reads one is done with a second of a processor and 64 MiB of
# memory, and has left no output. Who reads the drop map (info --memory, refilter) may take more, for it may be of as
# many ranges as there can be; and refilter for headers of a giant's size, which it reads whole.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/bad.sh"

tiny_program
crash "$T/good" full "$PROGRAMS/tiny"
STORED_GOOD=$(only_dump "$T/good/full")
id=$(field "$STORED_GOOD" id)
seconds=1 memory=64
# Headers: 512 MiB of a frame, 256 of them as a core's, and what is made of those. Measured: 1.0 s and 1028 MiB.
header_seconds=4 header_memory=1152
# Sanitizers have a memory of their own, and none of a processor's speed.
[[ $BUILD != */sanitize ]] || seconds=20 memory=1024 header_seconds=40 header_memory=4096

# costs WHAT SECONDS MIB COMMAND...: COST_STATUS.
costs() {
    local what=$1
    shift
    COST_STATUS=0
    timeout 60 "$PYTHON" "$E2E/bombs.py" --cost "$@" >"$T/out" 2>"$T/err" </dev/null || COST_STATUS=$?
    ((COST_STATUS != 99)) || fail "$what: $(tail -n 1 "$T/err")"
    ((COST_STATUS <= 2)) || fail "$what: status $COST_STATUS of ${*:3}: $(tail -n 3 "$T/err")"
    no_control_bytes "$T/err"
}

"$PYTHON" "$E2E/bombs.py" "$STORED_GOOD" "$T/bombs"
count=0
for file in "$T/bombs"/*; do
    what=${file##*/}
    mkdir "$T/s"
    cp "$file" "$T/s/x.zst"
    for verb in list info; do
        costs "$what" $seconds $memory "$DUMPCTL" $verb -D "$T/s"
    done
    costs "$what" $seconds $memory "$DUMPCTL" list --json -D "$T/s"
    jq -e 'length == 1' "$T/out" >/dev/null || fail "$what: list --json: $(cat "$T/out")"
    # The drop map is not memory; its frame leaves the content as it is. Of headers there may be as many.
    refused=1
    [[ $what != @(map-of-names|headers-*) ]] || refused=0
    costs "$what" $seconds $memory "$DUMPCTL" extract -D "$T/s" -o "$T/out.core"
    equal "$what: status of extract" "$COST_STATUS" $refused
    ((refused == 0)) || [[ -s $T/err ]] || fail "$what: extract failed without a word"
    equal "$what: outputs" "$(find "$T" -maxdepth 1 -name 'out.core*' | wc -l)" $((1 - refused))
    rm -f "$T/out.core"
    TMPDIR=$T/s costs "$what" $seconds $memory "$DUMPCTL" debug -D "$T/s" --no-drop --debugger=true
    equal "$what: what debug left" "$(find "$T/s" -mindepth 1 -printf '%f\n')" x.zst
    map_memory=$((memory + 128)) plan_seconds=$seconds plan_memory=$((memory + 128))
    case $what in
    headers-*) map_memory=$memory plan_seconds=$header_seconds plan_memory=$header_memory ;;
    esac
    costs "$what" $seconds $memory "$DUMPCTL" verify -D "$T/s"
    [[ $refused == 0 || $COST_STATUS == 1 ]] || fail "$what: verify finds nothing: $(cat "$T/out")"
    costs "$what" $seconds $map_memory "$DUMPCTL" info --memory -D "$T/s"
    costs "$what" $plan_seconds $plan_memory "$DUMPCTL" refilter "$T/s/x.zst" "$T/refiltered.zst"
    made=$(find "$T" -maxdepth 1 -name '*refiltered*' | wc -l)
    equal "$what: outputs of refilter" "$made" $((COST_STATUS == 0))
    rm -f "$T/refiltered.zst"
    rm -r "$T/s"
    count=$((count + 1))
done
equal "bombs" $count 27
