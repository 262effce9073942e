#!/bin/bash
# SPDX-License-Identifier: MIT
# A Go program without C: its runtime asks the kernel for no word to clear, so that a large one is released
# before it is copied. Where ld.so has started it, ld.so has asked for one.
set -eu
. "$(dirname "$0")/release.sh"

need_root
need go "$PYTHON"
snapshot_program

# build NAME CGO SOURCE... -- FLAG...
build() {
    local name=$1 cgo=$2 sources=()
    shift 2
    while [[ $1 != -- ]]; do
        sources+=("$1")
        shift
    done
    mkdir -p "$PROGRAMS"
    GOCACHE=$T/cache GOFLAGS='' GO111MODULE=off GOTOOLCHAIN=local CGO_ENABLED=$cgo \
        go build -o "$PROGRAMS/$name" "${@:2}" "${sources[@]}" || fail "$name does not build"
}
build go_memory 0 "$E2E/programs/go_memory.go" --
build go_memory.pie 0 "$E2E/programs/go_memory.go" -- -buildmode=pie
cp "$E2E/programs/go_memory.go" "$T/go_memory.go"
printf 'package main\n\nimport "C"\n' >"$T/with_c.go"
build go_memory.c 1 "$T/go_memory.go" "$T/with_c.go" --
build go_memory.static 1 "$T/go_memory.go" "$T/with_c.go" -- -ldflags '-linkmode external -extldflags -static'

pure() {
    COMMAND=("$PROGRAMS/go_memory" "$1")
}
pie() {
    COMMAND=("$PROGRAMS/go_memory.pie" "$1")
}
with_c() {
    COMMAND=("$PROGRAMS/go_memory.c" "$1")
}
static_with_c() {
    COMMAND=("$PROGRAMS/go_memory.static" "$1")
}

of_all_types "Go" pure
of_all_types "Go, PIE" pie
of_all_types "Go with C" with_c
of_all_types "Go with C, static" static_with_c
as_they_were
went early "Go" mini heap full
went copied "Go, PIE" mini heap full
# By the C library's structure.
went early "Go with C" mini heap full
went early "Go with C, static" mini heap full
