#!/bin/bash
# SPDX-License-Identifier: MIT
# Files that make much out of little: whoever reads one is done with a second of a processor and 64 MiB of
# memory, and has left no output. The drop map alone may take more, of as many ranges as there can be.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/bad.sh"

tiny_program
crash "$T/good" full "$PROGRAMS/tiny"
STORED_GOOD=$(only_dump "$T/good/full")
id=$(field "$STORED_GOOD" id)
seconds=1 memory=64
# Sanitizers have a memory of their own, and none of a processor's speed.
[[ $BUILD != */sanitize ]] || seconds=20 memory=1024

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
    # The drop map is not memory; its frame leaves the content as it is.
    refused=1
    [[ $what != map-of-names ]] || refused=0
    costs "$what" $seconds $memory "$DUMPCTL" extract -D "$T/s" -o "$T/out.core"
    equal "$what: status of extract" "$COST_STATUS" $refused
    ((refused == 0)) || [[ -s $T/err ]] || fail "$what: extract failed without a word"
    equal "$what: outputs" "$(find "$T" -maxdepth 1 -name 'out.core*' | wc -l)" $((1 - refused))
    rm -f "$T/out.core"
    TMPDIR=$T/s costs "$what" $seconds $memory "$DUMPCTL" debug -D "$T/s" --debugger=true
    equal "$what: what debug left" "$(find "$T/s" -mindepth 1 -printf '%f\n')" x.zst
    costs "$what" $seconds $((memory + 128)) "$DUMPCTL" info --memory -D "$T/s"
    rm -r "$T/s"
    count=$((count + 1))
done
equal "bombs" $count 24
