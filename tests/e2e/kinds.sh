# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What holds for every kind of program: the same crash as the kernel wrote it and as dumpd
# keeps it, seen by every debugger. Sourced after lib.sh.

need_root
need gdb lldb eu-readelf eu-stack readelf zstd jq "$PYTHON"

# check_kind NAME EXE COMMAND...: EXE is what debuggers are given (the command may run a copy).
# Every type is a crash of its own, let go as it happens; kernel.core is what the kernel would have written.
# Leaves $T/NAME/: kernel.core, mini.core, and what the debuggers showed; $T/NAME.TYPE of other types.
check_kind() {
    local dir=$T/$1 exe=$2 type
    shift 2
    snapshot_program
    for type in full ${KIND_TYPES:-}; do
        SNAPSHOT=core crash_released "$dir.$type" "$type" "$@"
        extract "$dir.$type" "$type"
        check_record "$dir.$type" "$type"
    done
    same_bytes "$dir.full/kernel.core" "$dir.full/full.core"
    rm "$dir.full"/*.core
    SNAPSHOT=core crash_released "$dir" mini "$@"
    extract "$dir" mini
    check_record "$dir" mini
    check_segments "$dir/mini.core"
    check_memory "$dir"
    check_gdb "$dir" "$exe"
    check_elfutils "$dir" "$exe"
    check_lldb "$dir" "$exe"
}

# The record says what is in the file.
check_record() {
    local dump
    dump=$(only_dump "$1/$2")
    equal "$2: type" "$(field "$dump" type)" "$2"
    equal "$2: outcome" "$(field "$dump" outcome)" complete
    equal "$2: size of the core" "$(field "$dump" size_core)" "$(stat -c %s "$1/kernel.core")"
    equal "$2: size of the dump" "$(field "$dump" size_dump)" "$(stat -c %s "$1/$2.core" 2>/dev/null || field "$dump" size_core)"
    equal "$2: PID" "$(field "$dump" pid)" "$(cat "$1/pid")"
    equal "$2: verified" "$(field "$dump" verified)" 1
    # Nothing was missing, not even a look at the process' memory, but what the kind makes smaller dumps lack.
    if [[ $2 == full ]]; then
        equal "$2: reason" "$(field "$dump" reason)" null
    else
        equal "$2: reason" "$(field "$dump" reason)" "${SMALLER_REASON:-null}"
    fi
}

# Debuggers map and compare by pages.
check_segments() {
    readelf -lW "$1" >"$T/segments" 2>"$T/segments.err" || fail "readelf -l $1"
    awk '$1 == "LOAD" { n++; if ($3 !~ /000$/ || $5 !~ /000$/ || $2 !~ /000$/) { print; bad = 1 } }
         END { exit bad || !n }' "$T/segments" >&2 || fail "segments of $1 are not whole pages"
}

# What is in the dump is the truth: no byte of it is stale or of somebody else.
check_memory() {
    local kept
    kept=$("$PYTHON" "$E2E/corelab.py" subset "$1/mini.core" "$1/kernel.core") ||
        fail "mini.core of ${1##*/} is not part of the kernel's core"
    ((kept > 0)) || fail "mini.core of ${1##*/} has no memory"
}

# Same threads, same frames, same libraries, same signal.
check_gdb() {
    local dir=$1
    frames "$2" "$dir/kernel.core" "$dir/kernel.frames"
    frames "$2" "$dir/mini.core" "$dir/mini.frames"
    same_text "$dir/kernel.frames" "$dir/mini.frames"
    equal "threads of the record" "threads $(field "$(only_dump "$dir/mini")" threads)" \
        "$(head -1 "$dir/mini.frames")"
}

# STACKS_OF=mini: where eu-stack takes too long on the whole core.
check_elfutils() {
    local dir=$1 which
    for which in kernel mini; do
        eu-readelf -hln "$dir/$which.core" >"$dir/$which.readelf" 2>"$dir/readelf.err" ||
            fail "eu-readelf on $which.core: $(head -3 "$dir/readelf.err")"
        [[ " ${STACKS_OF:-kernel mini} " == *" $which "* ]] || continue
        # 0: all well; 1: a frame was not unwound, as at _start; both have to agree.
        eu-stack -n 64 --core "$dir/$which.core" --executable "$2" >"$dir/$which.stack" 2>&1 || true
    done
    # eu-readelf 0.188 shows no notes of a core with PN_XNUM: it looks for note sections.
    equal "NT_PRSTATUS notes" "threads $(readelf -n "$dir/mini.core" | grep -c NT_PRSTATUS)" \
        "$(head -1 "$dir/mini.frames")"
    sed -i 's/kernel\.core/CORE/; s/mini\.core/CORE/' "$dir"/*.stack
    [[ ! -e $dir/kernel.stack ]] || same_text "$dir/kernel.stack" "$dir/mini.stack"
    equal "eu-stack's threads" "threads $(grep -c ^TID "$dir/mini.stack")" \
        "$(head -1 "$dir/mini.frames")"
}

check_lldb() {
    local dir=$1 which
    for which in kernel mini; do
        timeout 120 lldb --no-lldbinit --batch -o 'settings set symbols.enable-external-lookup false' \
            -o "target create --core $dir/$which.core $2" -o 'thread list' \
            -o 'thread backtrace -c 12' >"$dir/$which.lldb.all" 2>&1 ||
            fail "lldb on $which.core: $(tail -3 "$dir/$which.lldb.all")"
        grep -E '^ *(\* )?(thread #|frame #)' "$dir/$which.lldb.all" >"$dir/$which.lldb" ||
            fail "lldb shows no thread of $which.core: $(tail -3 "$dir/$which.lldb.all")"
    done
    same_text "$dir/kernel.lldb" "$dir/mini.lldb"
}

# crashed_in DIR FUNCTION: the innermost named frame that is the program's own.
crashed_in() {
    local word
    for word in frames stack lldb; do
        has "$1/mini.$word" "\\b$2\\b" "$word of ${1##*/}"
    done
}

# thread_count DIR N
thread_count() {
    equal "threads" "$(head -1 "$1/mini.frames")" "threads $2"
}
