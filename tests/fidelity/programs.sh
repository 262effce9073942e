# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The programs that tests/fidelity/run measures. program_NAME sets
#   EXE      what gdb is given
#   COMMAND  what has to die
#   OWN      regular expression: libraries whose variables are compared
#   TLS      expressions, one a line, that are evaluated in every thread
#   PRETTY   1: compare what the pretty-printers show, too
# and builds what it needs into $BIN. What is not set is empty.

PROGRAMS_ALL="cxx threads"

# compile NAME COMPILER ARGUMENT...: sources are named from programs/.
compile() {
    local name=$1 compiler=$2
    shift 2
    (cd "$FIDELITY/programs" && "$compiler" -D_GNU_SOURCE -g -Wall -Wextra -o "$BIN/$name" "$@") ||
        fail "$name does not build"
}

program_cxx() {
    compile cxx "${CXX:-c++}" -std=c++17 -O0 cxx.cc
    EXE=$BIN/cxx
    COMMAND=("$EXE" a "second argument")
    PRETTY=1
}

program_threads() {
    compile threads "${CC:-cc}" -std=gnu17 -O0 -pthread threads.c
    EXE=$BIN/threads
    COMMAND=("$EXE" 200)
    # pthread_getspecific's first block is in the thread's control block.
    TLS='*(char **)&((struct pthread *)$fs_base)->specific_1stblock[0].data
errno'
}
