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
#   CRASHES  of how many crashes the size is the median, where it differs from one to the next
# and builds what it needs into $BIN. What is not set is empty.

PROGRAMS_ALL="cxx threads plugins libraries musl m32 service jemalloc tcmalloc coroutines go gopanic ruby node
    java gtk postgres jit python heap64 heap"
[[ $(uname -m) == x86_64 ]] || PROGRAMS_ALL=${PROGRAMS_ALL/m32/}

# compile NAME COMPILER ARGUMENT...: one of them is the source's name.
compile() {
    local name=$1 compiler=$2 argument source=
    shift 2
    for argument; do
        [[ ! -f $FIDELITY/programs/$argument ]] || source=$FIDELITY/programs/$argument
    done
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

# A process with a hundred libraries: what is kept of each is a part of the file.
program_libraries() {
    local i
    for i in {1..100}; do
        compile liblibrary-$i.so "${CC:-cc}" -std=gnu17 -O0 -shared -fPIC -DSEED=$((i * 1000)) library.c
    done
    compile libraries "${CC:-cc}" -std=gnu17 -O0 libraries.c
    EXE=$BIN/libraries
    COMMAND=("$EXE" "$BIN"/liblibrary-*.so)
    TLS=errno
    OWN='/liblibrary-'
}

program_m32() {
    compile m32 "${CC:-cc}" -std=gnu17 -O0 -m32 -pthread threads.c
    EXE=$BIN/m32
    COMMAND=("$EXE" 20)
}

# Other allocators: their blocks have no headers, and lie in mappings of megabytes.
program_jemalloc() {
    compile jemalloc "${CC:-cc}" -std=gnu17 -O1 -pthread -Wl,--no-as-needed service.c -ljemalloc
    EXE=$BIN/jemalloc
    COMMAND=("$EXE")
    TLS=errno
}

program_tcmalloc() {
    compile tcmalloc "${CC:-cc}" -std=gnu17 -O1 -pthread -Wl,--no-as-needed service.c -ltcmalloc_minimal
    EXE=$BIN/tcmalloc
    COMMAND=("$EXE")
    TLS=errno
}

program_coroutines() {
    compile coroutines "${CXX:-c++}" -std=c++20 -O0 coroutines.cc -lboost_context
    EXE=$BIN/coroutines
    COMMAND=("$EXE")
    TLS=errno
    PRETTY=1
}

program_go() {
    need go
    if [[ ! $BIN/go -nt $FIDELITY/programs/goroutines.go ]]; then
        GOCACHE=$BIN/go.cache GOFLAGS= GO111MODULE=off GOTOOLCHAIN=local go build -gcflags='-N -l' -o "$BIN/go" \
            "$FIDELITY/programs/goroutines.go" || fail "go does not build"
    fi
    EXE=$BIN/go
    COMMAND=("$EXE" 500 abort)
}

# gdb unwinds a panic; from the handler's stack it does not come back.
program_gopanic() {
    program_go
    COMMAND=("$EXE" 500 panic)
}

program_ruby() {
    local flags
    need ruby pkg-config
    flags=$(pkg-config --cflags ruby-3.1) || fail "the headers of ruby are not installed"
    # shellcheck disable=SC2086
    compile extension.so "${CC:-cc}" -std=gnu17 -O0 -shared -fPIC -Wno-unused-parameter ${flags//-I/-isystem } extension.c
    EXE=$(realpath "$(command -v ruby)")
    COMMAND=("$EXE" "$FIDELITY/programs/fleet.rb" "$BIN/extension.so")
    OWN='/extension.so'
    TLS=errno
}

program_node() {
    need node
    compile addon.node "${CC:-cc}" -std=gnu17 -O0 -shared -fPIC -isystem /usr/include/node addon.c
    EXE=$(realpath "$(command -v node)")
    COMMAND=("$EXE" "$FIDELITY/programs/orders.cjs" "$BIN/addon.node")
    OWN='/addon.node'
    TLS=errno
    # V8's heap has about 85 or about 175 parts that are pointed to, and a mini dump 0.89 or 1.02 MB. The larger kind
    # were 2 of 100 crashes in one series and 20 of 30 in another; what decides it is not known.
    CRASHES=5
}

# JAVA: where its parts are.
program_java() {
    JAVA=/usr/lib/jvm/java-17-openjdk-$(dpkg --print-architecture)
    need "$JAVA/bin/javac"
    compile libledger.so "${CC:-cc}" -std=gnu17 -O0 -shared -fPIC -isystem "$JAVA/include" \
        -isystem "$JAVA/include/linux" ledger.c
    if [[ ! $BIN/Ledger.class -nt $FIDELITY/programs/Ledger.java ]]; then
        "$JAVA/bin/javac" -g -d "$BIN" "$FIDELITY/programs/Ledger.java" || fail "Ledger.java does not build"
    fi
    EXE=$(realpath "$JAVA/bin/java")
    COMMAND=("$EXE" -XX:ErrorFile=/dev/null -cp "$BIN" Ledger "$BIN/libledger.so")
    OWN='/libledger.so'
    TLS=errno
}

program_gtk() {
    local flags libs
    need Xvfb pkg-config
    flags=$(pkg-config --cflags gtk+-3.0) && libs=$(pkg-config --libs gtk+-3.0) ||
        fail "the headers of GTK are not installed"
    # shellcheck disable=SC2086
    compile gtk "${CC:-cc}" -std=gnu17 -O0 ${flags//-I/-isystem } window.c $libs
    EXE=$BIN/gtk
    COMMAND=("$FIDELITY/with_display" "$EXE")
    TLS=errno
}

program_postgres() {
    local bin=/usr/lib/postgresql/15/bin
    need "$bin/postgres"
    compile backend.so "${CC:-cc}" -std=gnu17 -O0 -shared -fPIC -isystem /usr/include/postgresql/15/server backend.c
    "$FIDELITY/with_database" "$bin" "$BIN/backend.so" "$T/database" make >"$T/database.log" 2>&1 ||
        fail "no cluster of PostgreSQL: $(tail -3 "$T/database.log")"
    EXE=$bin/postgres
    COMMAND=("$FIDELITY/with_database" "$bin" "$BIN/backend.so" "$T/database")
    OWN='/backend.so'
    TLS=errno
}

# A hundred megabytes of LLVM, and a frame of what it has made. How to unwind that lies in the heap, of which
# `triage` has nothing: gdb guesses there.
program_jit() {
    program_postgres
    COMMAND+=(jit)
    WITHOUT=triage
}
