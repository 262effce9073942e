#!/bin/bash
# SPDX-License-Identifier: MIT
# Hints from many threads and out of signal handlers. Stopped at any instruction, the table covers
# every secret, and no entry is a mixture of two.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/hints.sh"

export PYTHONDONTWRITEBYTECODE=1
build() { # NAME FLAGS...
    local name=$1
    shift
    "${CC:-cc}" -std=gnu17 -g "${HINT_FLAGS[@]}" -Wno-conversion -o "$T/$name" \
        "$E2E/programs/${name%%-*}.c" -pthread "$@" || fail "$name does not build"
}

# Stopped by a signal, like a crash, in the middle of it all.
build hints_threads -O2
"$T/hints_threads" 4 0 >"$T/out" 2>"$T/err" &
pid=$!
on_exit "kill -KILL $pid 2>/dev/null || true"
wait_for 20 grep -q '^ready$' "$T/out" || fail "hints_threads is not ready"
"$PYTHON" "$E2E/hints_stopped.py" $pid 4 "$(said "$T/out" memory)" 400 || fail "at a stop"
[[ -d /proc/$pid ]] || fail "hints_threads ended: $(cat "$T/err")"
kill -KILL $pid
wait $pid 2>/dev/null || true

# To the end, more threads than the machine has processors; then with eyes on it.
"$T/hints_threads" 16 20000 >/dev/null || fail "hints_threads: $?"
build hints_threads-tsan -O1 -fsanitize=thread
TSAN_OPTIONS="halt_on_error=1 exitcode=66" setarch -R "$T/hints_threads-tsan" 4 2000 >/dev/null ||
    fail "with ThreadSanitizer: $?"
build hints_threads-asan -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
"$T/hints_threads-asan" 4 5000 >/dev/null || fail "with AddressSanitizer: $?"

# Interrupted at every single instruction.
if [[ $(uname -m) == x86_64 ]]; then
    for level in -O0 -O2; do
        build hints_step $level -Wl,-z,now # no steps in the dynamic linker
        "$T/hints_step" || fail "hints_step $level"
        "$T/hints_step" table || fail "hints_step $level table"
    done
fi
