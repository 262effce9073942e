# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# For the scripts 38-release-*: a process is let go as it is on any machine, and every byte of its dump is
# what its memory was before. ROUNDS=N: so many times instead of once, for what goes wrong now and then.

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ROUNDS=${ROUNDS:-1}
# Above it a dump may be released before it has been copied whole.
LARGE_MIB=48
SMALL_MIB=1
RELEASES=0 BYTES=0
RELEASE_FAILURES=()
declare -A WAYS=() # "NAME TYPE MIB": how it was released, for all rounds

# release_program NAME [FLAG...]: $PROGRAMS/NAME, and with -m32 $PROGRAMS/NAME.32
release_program() {
    local name=$1 suffix=
    shift
    [[ " $* " != *" -m32 "* ]] || suffix=.32
    [[ $PROGRAMS/$name$suffix -nt $E2E/programs/release.h ]] || rm -f "$PROGRAMS/$name$suffix"
    program "$name$suffix" "$name.c" -D_GNU_SOURCE -pthread "$@"
}

# least TYPE MIB: how much there must be to compare. A mini has stacks and what they point to.
least() {
    if [[ $1 == mini && $2 == "$SMALL_MIB" ]]; then
        echo $((64 << 10))
    else
        echo $(($2 << 20))
    fi
}

# ways WHAT WAY
ways() {
    [[ " ${WAYS[$1]:-} " == *" $2 "* ]] || WAYS[$1]="${WAYS[$1]:-}${WAYS[$1]:+ }$2"
}

# way_of DUMP: how it was released, and why.
way_of() {
    echo "$(field "$1" release): $(field "$1" release_reason)"
}

# overtaken DUMP: on a busy machine all has been copied before a process that need not wait for that is let go. Then the
# crash is to be tried again: three in a row mean that nobody is let go early.
TRIES=3
overtaken() {
    [[ $(way_of "$1") == "copied: what is kept of it was copied meanwhile" ]]
}

# as_it_was NAME TYPE MIB COMMAND...: one crash, or TRIES if it is overtaken, each compared. What differs is told at the
# end, of all.
as_it_was() {
    local name=$1 type=$2 mib=$3 try way
    CONFIG_LINES=(SpoolMax=0)
    # What is kept is to be too much to be copied at once, in a mini, too.
    [[ $type != mini || $mib == "$SMALL_MIB" ]] || CONFIG_LINES+=(Budget=infinity)
    for ((try = 0; try < TRIES; try++)); do
        compare "$@"
        overtaken "$RELEASE_DUMP" || break
    done
    way=$(way_of "$RELEASE_DUMP")
    ways "$name $type $mib" "${way%%:*}"
}

compare() { # as as_it_was; sets RELEASE_DUMP
    local name=$1 type=$2 mib=$3 dir=$T/c said
    shift 3
    STORED="0 1 4" crash_released "$dir" "$type" "$@"
    RELEASE_DUMP=$(only_dump "$dir/$type")
    "$DUMPCTL" extract --force -D "$dir/$type" "$(field "$RELEASE_DUMP" id)" -o "$dir/core" \
        >"$T/extract.out" 2>&1 || fail "$(cat "$T/extract.out")"
    if ! said=$("$PYTHON" -B "$E2E/against_snapshot.py" "$dir/core" "$dir" "$(least "$type" "$mib")" 2>&1); then
        RELEASE_FAILURES+=("$name, $type, $mib MiB, core_pipe_limit ${PIPE_LIMIT:-16}: $said")
    fi
    RELEASES=$((RELEASES + 1))
    said=${said#compared }
    BYTES=$((BYTES + ${said%%[!0-9]*}))
}

# next_limit: LIMIT, 0 and 512 in turn. With 0 the kernel waits for nobody who has read all.
TURN=0
next_limit() {
    LIMIT=$((TURN++ % 2 * 512))
}

# of_all_types NAME FUNCTION: FUNCTION sets COMMAND for so many MiB of private memory; every type and size,
# ROUNDS times, with both limits in turn.
of_all_types() {
    local round type mib
    for ((round = 0; round < ROUNDS; round++)); do
        for type in mini heap full; do
            for mib in $SMALL_MIB $LARGE_MIB; do
                next_limit
                "$2" "$mib"
                PIPE_LIMIT=$LIMIT as_it_was "$1" "$type" "$mib" "${COMMAND[@]}"
            done
            # The other limit for this type and size in the next round.
            next_limit
        done
    done
}

# went WAY NAME TYPE...: large dumps of these types were released so, and a small one never early.
went() {
    local way=$1 name=$2 type
    shift 2
    for type; do
        equal "$name, $type, large: release" "${WAYS["$name $type $LARGE_MIB"]}" "$way"
        one_of "$name, $type, small: release" "${WAYS["$name $type $SMALL_MIB"]}" copied held
    done
}

# Also of a run that was stopped.
on_exit 'echo "ROUNDS=$ROUNDS: $RELEASES crashes, $BYTES bytes compared, ${#RELEASE_FAILURES[@]} dumps differ"'

# The end of the comparison.
as_they_were() {
    ((RELEASES > 0)) || fail "nothing was compared"
    ((${#RELEASE_FAILURES[@]} == 0)) || {
        printf '%s\n' "${RELEASE_FAILURES[@]}" >&2
        fail "memory is not what it was"
    }
}
