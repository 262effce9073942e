# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The programs that tests/fidelity/run measures. program_NAME sets
#   EXE      what gdb is given
#   COMMAND  what has to die
#   OWN      regular expression: libraries whose variables are compared
#   TLS      expressions, one a line, that are evaluated in every thread
#   PRETTY   1: compare what the pretty-printers show, too
#   WITHOUT  types that are not tried
# and builds what it needs into $BIN. What is not set is empty.

PROGRAMS_ALL="cxx threads plugins musl service python heap64 heap"

# compile NAME COMPILER ARGUMENT... SOURCE
compile() {
    local name=$1 compiler=$2 source=$FIDELITY/programs/${!#}
    shift 2
    [[ $BIN/$name -nt $source && $BIN/$name -nt ${BASH_SOURCE[0]} ]] && return
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

program_plugins() {
    local name
    for name in first second; do
        compile libplugin-$name.so "${CC:-cc}" -std=gnu17 -O0 -shared -fPIC plugin.c
    done
    compile plugins "${CC:-cc}" -std=gnu17 -O0 -pthread plugins.c
    EXE=$BIN/plugins
    COMMAND=("$EXE" "$BIN/libplugin-first.so" "$BIN/libplugin-second.so")
    TLS=errno
    OWN='/libplugin-'
}

program_musl() {
    compile musl musl-gcc -std=gnu17 -O0 -static static.c
    EXE=$BIN/musl
    COMMAND=("$EXE")
    # libthread_db does not know musl: its one thread-local variable ends at the thread pointer.
    TLS='*(unsigned int *)($fs_base - 4)'
}

# Some 25 MB in all.
program_service() {
    compile service "${CC:-cc}" -std=gnu17 -O1 -pthread service.c
    EXE=$BIN/service
    COMMAND=("$EXE")
    TLS=errno
}

program_python() {
    need python3.11-dbg
    EXE=$(realpath "$(command -v python3.11-dbg)")
    COMMAND=("$EXE" -E "$FIDELITY/programs/interpreter.py")
    OWN='/lib-dynload/'
    TLS=errno
    PRETTY=1
}

program_heap64() {
    compile heap "${CC:-cc}" -std=gnu17 -O0 -pthread heap.c
    EXE=$BIN/heap
    COMMAND=("$EXE" 64 200)
}

# The same with 2 GiB. Its `heap` would be those, and shows what heap64's does.
program_heap() {
    program_heap64
    COMMAND=("$EXE" 2048 200)
    WITHOUT=heap
}
