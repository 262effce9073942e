# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# For the scripts 70-debug-*.sh: programs in two builds, and what the debuggers show of a crash of the first.

need_root
need gdb lldb zstd jq gcc unshare
# What both() and neither() run; lldb takes seconds.
DEBUGGERS="gdb lldb"
mkdir -m 1777 "$T/tmp"
export TMPDIR=$T/tmp

# build FILE FLAGS...: debug_program.c, or what is named with .c among the flags.
build() {
    local file=$1 source=$E2E/programs/debug_program.c
    shift
    [[ " $* " != *.c\ * ]] || source=
    mkdir -p "${file%/*}"
    "${CC:-gcc}" -g -O0 -o "$file" $source "$@" || fail "$file does not build"
}

build_id_of() {
    readelf -n "$1" 2>/dev/null | sed -n 's/.*Build ID: //p'
}

# crashed COMMAND...: its dump is in $T/c/mini.
crashed() {
    rm -rf "$T/c"
    crash "$T/c" mini "$@"
}

# shown DEBUGGER OPTION...: a backtrace of the crash, in $T/DEBUGGER.out and .err. Nothing is left behind.
shown() {
    local debugger=$1 arguments='-nx -batch -iex "set style enabled off" -ex bt -ex "x/2x $pc" -ex "info sharedlibrary"'
    shift
    [[ $debugger == gdb ]] ||
        arguments='--no-lldbinit -b -o "settings set use-color false" -o bt -o "image list" -o quit'
    with_debugger "$DUMPCTL" debug -D "$T/c/mini" --debugger="$debugger" -A "$arguments" "$@" >"$T/$debugger.out" \
        2>"$T/$debugger.err" || fail "$debugger: $(tail -5 "$T/$debugger.err")"
    equal "left in TMPDIR" "$(find "$T/tmp" -mindepth 1)" ""
}

# both PREFIX OPTION...: each debugger shows the program's frames as they were, or with PREFIX the plugin's.
both() {
    local prefix=$1 debugger
    shift
    for debugger in $DEBUGGERS; do
        shown $debugger "$@"
        has "$T/$debugger.out" "frame #0: .*\`${prefix}inner\\(a=[23]\\)|#0 .* ${prefix}inner \\(a=[23]\\)" "$debugger"
        has "$T/$debugger.out" "frame #1: .*\`${prefix}outer\\(a=[12]\\)|#1 .* ${prefix}outer \\(a=[12]\\)" "$debugger"
        has "$T/$debugger.out" "frame #2: .*\`main\\(argc=[12],|#2 .* main \\(argc=[12]," "$debugger"
    done
}

# neither REGEX OPTION...: no debugger shows a function of another build, and standard error says why.
neither() {
    local why=$1 debugger
    shift
    for debugger in $DEBUGGERS; do
        shown $debugger "$@"
        hasnt "$T/$debugger.out" 'newe(r|st)|[ `](inner|outer|main) ?\(' "$debugger's backtrace"
        has "$T/$debugger.err" "$why" "what is said before $debugger"
    done
    has "$T/gdb.err" "Cannot access memory at address" "the text of what is not there"
}
