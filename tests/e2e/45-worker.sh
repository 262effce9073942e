#!/bin/bash
# SPDX-License-Identifier: MIT
# Who reads the core: a child without rights, with five descriptors and room for no other.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
program frames frames.c || fail "frames.c does not build"
crash "$T/one" "full" "$PROGRAMS/frames" segv
core=$T/one/kernel.core
dump_config "$T/w.conf" full "$T/w"
mkfifo "$T/pipe"
"$DUMPD" --config="$T/w.conf" 999999 11 frames <"$T/pipe" 2>"$T/w.err" &
handler=$!
exec 7>"$T/pipe"
head -c 20000 "$core" >&7 # headers and notes, then the stream stands still

worker_ready() {
    worker=$(cat "/proc/$handler/task/$handler/children")
    worker=${worker%% *}
    [[ -n $worker ]] && grep -q '^NoNewPrivs:.*1' "/proc/$worker/status"
}
wait_for 20 worker_ready || fail "no worker"
user=$(awk -F: '$1 == "dumpd" { print $3 }' /etc/passwd)
status=$T/status
cat "/proc/$worker/status" >"$status"
has "$status" "^Uid:(.${user:-65534}){4}\$"
has "$status" '^Groups:[[:space:]]*$'
for set in CapInh CapPrm CapEff CapBnd CapAmb; do
    has "$status" "^$set:.0000000000000000\$"
done
equal "descriptors" "$(ls "/proc/$worker/fd" | sort -n | paste -sd' ')" "0 1 2 3 4"
if [[ $BUILD != *sanitize* ]]; then # whose reports need a file
    has "/proc/$worker/limits" '^Max open files +0 +0 '
    has "/proc/$worker/limits" '^Max processes +0 +0 '
fi
# The parent has let go of the stream: the worker alone holds the crashed process.
[[ $(readlink "/proc/$handler/fd/0") != *"$T/pipe"* ]] || fail "the parent holds the stream"
tail -c +20001 "$core" >&7
exec 7>&-
status=0
wait "$handler" || status=$?
one_of "exit" "$status" 0 4
same_bytes <("$DUMPCTL" extract -D "$T/w" frames) "$core"
