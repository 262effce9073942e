#!/bin/bash
# SPDX-License-Identifier: MIT
# Who reads the core: a child without rights, with the descriptors that it works with and room for
# no other; the memory of the crashed process among them, to read, if it is one that dumps.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
program bigheap bigheap.c -pthread || fail "bigheap.c does not build"
program frames frames.c || fail "frames.c does not build"
crash "$T/one" "full" "$PROGRAMS/bigheap"
core=$T/one/kernel.core
dump_config "$T/w.conf" full "$T/w"
mkfifo "$T/pipe"
"$DUMPD" --config="$T/w.conf" 999999 11 bigheap <"$T/pipe" 2>"$T/w.err" &
handler=$!
exec 7>"$T/pipe"
head -c 20000 "$core" >&7 # headers and notes, then the stream stands still

worker_ready() {
    worker=$(cat "/proc/$handler/task/$handler/children")
    worker=${worker%% *}
    # it has done all that it does before it reads, and waits for the rest of the stream
    [[ -n $worker ]] && grep -q '^Seccomp:.2$' "/proc/$worker/status" &&
        grep -q '^State:.S' "/proc/$worker/status" && ! grep -q '^Uid:.0' "/proc/$worker/status"
}
wait_for 20 worker_ready || fail "no worker"
user=$(awk -F: '$1 == "dumpd" { print $3 }' /etc/passwd)
group=$(awk -F: '$1 == "dumpd" { print $4 }' /etc/passwd)
status=$T/status
tasks=("/proc/$worker/task"/*/status)
(($(nproc) == 1 || ${#tasks[@]} > 2)) || fail "no threads to pack with: ${#tasks[@]}"
for task in "${tasks[@]}"; do
    cat "$task" >"$status"
    has "$status" "^Uid:(.${user:-65534}){4}\$"
    has "$status" "^Gid:(.${group:-65534}){4}\$"
    has "$status" '^Groups:[[:space:]]*$'
    has "$status" '^NoNewPrivs:.1$'
    has "$status" '^Seccomp:.2$'
    for set in CapInh CapPrm CapEff CapBnd CapAmb; do
        has "$status" "^$set:.0000000000000000\$"
    done
done
# Whose files in /proc belong to root is not dumpable.
equal "owner of its files" "$(stat -c %u "/proc/$worker/environ")" 0
# 8: of userfaultfd(2), which a kernel may not have
one_of "descriptors" "$(ls "/proc/$worker/fd" | sort -n | paste -sd,)" "0,1,2,3,4,8" "0,1,2,3,4"
[[ ! -e /proc/$worker/fd/8 ]] ||
    equal "descriptor 8" "$(readlink "/proc/$worker/fd/8")" "anon_inode:[userfaultfd]"
if [[ $BUILD != *sanitize* ]]; then # whose reports need a file
    has "/proc/$worker/limits" '^Max open files +0 +0 '
    has "/proc/$worker/limits" '^Max data size +[0-9]+ +[0-9]+ '
    has "/proc/$worker/limits" '^Max file size +[0-9]+ +[0-9]+ '
fi
has "/proc/$worker/limits" '^Max cpu time +([0-9]+) +\1 '
has "/proc/$worker/limits" '^Max processes +0 +0 '
# The parent has let go of the stream: the worker alone holds the crashed process.
[[ $(readlink "/proc/$handler/fd/0") != *"$T/pipe"* ]] || fail "the parent holds the stream"
tail -c +20001 "$core" >&7
exec 7>&-
status=0
wait "$handler" || status=$?
one_of "exit" "$status" 0 4
same_bytes <("$DUMPCTL" extract -D "$T/w" bigheap) "$core"

# Without the parent nobody publishes what the worker writes: it holds the crashed process no longer.
"$DUMPD" --config="$T/w.conf" 999999 11 bigheap <"$T/pipe" 2>"$T/w.err" &
handler=$!
exec 7>"$T/pipe"
head -c 20000 "$core" >&7
wait_for 20 worker_ready || fail "no worker"
worker_ended() {
    [[ ! -e /proc/$worker ]] || grep -q '^State:.Z' "/proc/$worker/status"
}
kill -KILL "$handler"
wait "$handler" || true
wait_for 5 worker_ended || fail "the worker goes on without its parent"
exec 7>&-

# The same where a process dumps: its memory is among them.
cat >"$T/look.sh" <<'END'
"$1" segv &
crashed=$!
until [[ -e m/paused ]]; do sleep 0.01; done
worker=
for try in {1..500}; do
    for handler in $(grep -lsz -- "--config=$PWD/m/mini.conf" /proc/[0-9]*/cmdline | cut -d/ -f3); do
        worker=$(cat "/proc/$handler/task/$handler/children" 2>/dev/null)
        worker=${worker% }
        [[ $worker ]] && grep -qs '^Seccomp:.2$' "/proc/$worker/status" && break 2
    done
    sleep 0.02
done
ls "/proc/$worker/fd" | sort -n | paste -sd' ' >descriptors
for fd in 5 6; do
    readlink "/proc/$worker/fd/$fd" | sed "s:/$crashed/:/CRASHED/:"
    sed -n 's/^flags:.*\(.\)$/access \1/p' "/proc/$worker/fdinfo/$fd"
done >memory
rm m/paused
wait "$crashed"
END
mkdir -p "$T/m"
: >"$T/m/pause"
crash "$T/m" mini bash "$T/look.sh" "$PROGRAMS/frames"
has "$T/descriptors" '^0 1 2 3 4 5 6 7( 8)?$'
equal "memory" "$(paste -sd' ' "$T/memory")" \
    "/proc/CRASHED/mem access 0 /proc/CRASHED/pagemap access 0"
