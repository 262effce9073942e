# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# For the scripts about hints, after lib.sh: examples that run, and what their tables say.

HINTS=$TOP/hints
HINT_FLAGS=(-I"$HINTS" -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
# Never in a file or an argument of the test: it comes through standard input only.
PASSWORD="hush-$RANDOM$RANDOM$RANDOM$RANDOM"

# hintsof CORE: what the filter reads out of it.
hintsof() {
    local exe=$PROGRAMS/hintsof library=$BUILD/libfilter.a
    local flags=()
    [[ $BUILD != */sanitize ]] || flags=(-fsanitize=address,undefined)
    [[ $BUILD != */coverage ]] || flags=(--coverage)
    if [[ ! $exe -nt $library ]]; then
        rm -f "$exe"
        program hintsof hintsof.c -I"$TOP" -D_GNU_SOURCE "${flags[@]}" "$library" >&2 ||
            fail "hintsof.c does not build"
    fi
    "$exe" "$1"
}

# example_start NAME COMMAND...: runs it with the password on its standard input until it says
# "ready". Leaves what it said in $T/NAME.said, EXAMPLE_PID, and its table in $T/NAME.table.
example_start() {
    local name=$1
    shift
    "$@" <<<"$PASSWORD" >"$T/$name.said" 2>"$T/$name.err" &
    EXAMPLE_PID=$!
    on_exit "kill $EXAMPLE_PID 2>/dev/null || true"
    wait_for 60 grep -q '^ready$' "$T/$name.said" || {
        cat "$T/$name.said" "$T/$name.err" >&2
        fail "$name is not ready"
    }
    "$PYTHON" "$E2E/hints_table.py" "$EXAMPLE_PID" >"$T/$name.table" || fail "no table of $name"
}

example_stop() {
    kill -KILL "$EXAMPLE_PID"
    wait "$EXAMPLE_PID" 2>/dev/null || true
}

# example_crash NAME TYPES COMMAND...: the same, and it dies. Its core is $T/NAME/kernel.core, what
# it said $T/NAME/out, and what the filter read $T/NAME/hints. The password is in the kernel's
# core and in no dump.
example_crash() {
    local name=$1 types=$2 type
    shift 2
    crash "$T/$name" "$types" "$@" <<<"$PASSWORD"
    has "$T/$name/out" '^ready$' "what $name said"
    hintsof "$T/$name/kernel.core" >"$T/$name/hints" || fail "hintsof on the core of $name"
    has "$T/$name/hints" '^found 1 unreadable 0 problem none$'
    has "$T/$name/kernel.core" "$PASSWORD" "the core of $name"
    for type in $types; do
        extract "$T/$name" "$type"
        hasnt "$T/$name/$type.core" "$PASSWORD" "$type of $name"
    done
}

# said FILE WHAT: the line that an example said of one of its hints, without its first word.
said() {
    sed -n "s/^$2 //p" "$1"
}
