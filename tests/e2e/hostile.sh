# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What holds for every process that lies, or that is larger than any: the dump is there, a
# debugger sees in it what it sees in the kernel's core, and the plan was made in bounds.
# Sourced after lib.sh.

need_root
need gdb eu-stack zstd jq readelf "$PYTHON"

FIDELITY=$TOP/tests/fidelity
# Promises of the plan: 1 s, and 32 MiB beside what the core itself has in headers and notes.
PLANNING_MAX=1000000
PLANNING_RSS=32768
# What waits to be packed is another promise.
CONFIG_LINES=(SpoolMax=0)

# hostile NAME EXE COMMAND...: one crash; $T/NAME has kernel.core, mini.core, the frames of both, and
# what the walks of the two have in common (see same, none_wrong). stacks has all frames, too.
# MAY_SAY: a regex of what gdb may say of stacks beside that.
hostile() {
    local dir=$T/$1 exe=$2
    shift 2
    HOSTILE_TYPES="mini stacks" hostile_dump "$dir" "$@"
    walks "$dir" "$exe" mini
    extract "$dir" stacks
    frames "$exe" "$dir/kernel.core" "$dir/kernel.frames"
    frames "$exe" "$dir/mini.core" "$dir/mini.frames"
    frames "$exe" "$dir/stacks.core" "$dir/stacks.frames"
    [[ -z ${MAY_SAY:-} ]] || sed -i "/$MAY_SAY/d" "$dir/stacks.frames"
    same_text "$dir/kernel.frames" "$dir/mini.frames"
    same_text "$dir/kernel.frames" "$dir/stacks.frames"
}

# hostile_dump DIR COMMAND...: the same without a debugger. HOSTILE_TYPES: the first is looked at.
# CUT_FILE: a mapped file that has lost what was changed of it, and so its entry in NT_FILE.
# Another test on this machine may have taken the time: once more, then it is the plan's.
hostile_dump() {
    local dir=$1 type=${HOSTILE_TYPES:-mini} try
    type=${type%% *}
    for try in 1 2 3; do
        rm -rf "$dir"
        crash "$dir" "${HOSTILE_TYPES:-mini}" "${@:2}"
        in_time "$dir" "$type" && break
    done
    extract "$dir" "$type"
    equal "outcome of ${dir##*/}" "$(field "$(only_dump "$dir/$type")" outcome)" complete
    in_bounds "$dir" "$type"
    # triage has not all bytes, nor all notes
    [[ $type == triage ]] || "$PYTHON" "$E2E/corelab.py" subset "$dir/$type.core" \
        "$dir/kernel.core" ${CUT_FILE:+"$CUT_FILE"} >"$T/kept" || fail "$type.core of ${dir##*/} is not part of the kernel's core"
}

in_time() {
    [[ $BUILD == *sanitize* ]] || (($(field "$(only_dump "$1/$2")" planning) < PLANNING_MAX))
}

# Bytes of headers and notes: where memory begins.
header_size() {
    echo $(($(readelf -lW "$1" | awk '$1 == "LOAD" && !n++ { print $2 }')))
}

# in_bounds DIR TYPE. A sanitizer's build is three times as slow and has memory of its own. Headers
# and notes are in the worker as they came, and program headers as structs of the same size.
in_bounds() {
    local dump planning rss header
    dump=$(only_dump "$1/$2")
    planning=$(field "$dump" planning)
    rss=$(cat "$1/$2.rss")
    header=$(($(header_size "$1/kernel.core") / 1024))
    echo "${1##*/}: planned in $planning us, $rss KiB at most, $header KiB of headers and notes," \
        "$(stat -c %s "$dump") bytes stored"
    [[ $BUILD != *sanitize* ]] || return 0
    ((planning < PLANNING_MAX)) || fail "${1##*/}: planned in $planning us"
    ((rss < PLANNING_RSS + 2 * header)) ||
        fail "${1##*/}: $rss KiB of memory, with $header KiB of headers and notes"
}

# walk DIR EXE WHICH: everything that a person could ask gdb, as DIR/WHICH.walk; OWN and TLS as in
# tests/fidelity/programs.sh. gdb is lied to as well: without a limit it takes all memory there is.
walk() {
    (
        trap - EXIT ERR
        ulimit -v 8388608
        gdb() {
            timeout "${WALK_LIMIT:-60}" gdb "$@"
        }
        export WALK_OUT=$1/$3.walk WALK_OWN=${OWN:-} WALK_TLS=${TLS:-}
        gdb_run "$2" "$1/$3.core" -x "$FIDELITY/walk.py" >"$1/$3.walk.log" || true
    )
    [[ -s $1/$3.walk ]] || fail "gdb on $3.core of ${1##*/}: $(tail -5 "$1/$3.walk.log")"
}

# walks DIR EXE TYPE
walks() {
    walk "$1" "$2" kernel
    walk "$1" "$2" "$3"
    "$PYTHON" "$FIDELITY/compare.py" "$1/kernel.walk" "$1/$3.walk" "$1/compared"
    none_wrong "$1"
    same "$1" ${SAME:-frames locals threads siginfo}
}

# same_stacks DIR EXE: where gdb itself does not come to an end.
same_stacks() {
    local which
    for which in kernel mini; do
        # 1: a frame was not unwound, as at _start; both have to agree
        eu-stack --core "$1/$which.core" --executable "$2" >"$1/$which.stack" 2>&1 || true
        sed -i "s/$which\.core/CORE/" "$1/$which.stack"
    done
    same_text "$1/kernel.stack" "$1/mini.stack"
    has "$1/mini.stack" crash_here
}

# No value that the dump shows is another one than in the kernel's core.
none_wrong() {
    local wrong
    wrong=$(jq '[.rows[].wrong] | add' "$1/compared")
    ((wrong == 0)) || fail "${1##*/}: $wrong values are wrong: $(jq -c '[.examples[][] |
        select(.status == "wrong")][:3]' "$1/compared")"
}

# same DIR ROW...: all values of these rows are there, and there are some.
same() {
    local dir=$1 row
    shift
    for row; do
        jq -e --arg row "$row" '.rows[$row] | .same > 0 and .unavailable == 0 and .wrong == 0' \
            "$dir/compared" >/dev/null ||
            fail "${dir##*/}: $row: $(jq -c --arg row "$row" '.rows[$row], .examples[$row][:3]' \
                "$dir/compared")"
    done
}

# said DIR REGEX, said_nothing DIR: the reason in the record.
said() {
    field "$(only_dump "$1/mini")" reason >"$1/reason"
    has "$1/reason" "$2" "reason of ${1##*/}"
}

said_nothing() {
    equal "reason of ${1##*/}" "$(field "$(only_dump "$1/mini")" reason)" null
}
