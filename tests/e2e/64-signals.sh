#!/bin/bash
# SPDX-License-Identifier: MIT
# What a signal says: its code by name, an address only where the code has one, a sender only where there is one and
# "verified" only where that is so; and stacks that are used up.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need zstd jq unshare pgrep
[[ $(uname -m) == x86_64 ]] || skip "signals.c is for x86-64"
program signals signals.c -pthread || fail "signals.c does not build"
cp "$PROGRAMS/signals" "$T/p"
cp /bin/bash "$T/killer"
dump_config "$T/c" stacks "$T/s"
# All crashes in a row, for there is one core_pattern for the whole machine.
HOWS="maperr accerr noncanonical noframe buserr illegal divide breakpoint forbidden timer abort
    overflow thread leap-thread unhandled altstack altstack-thread altstack-again wild"
# Linux 6.13.
! "$T/p" guards || HOWS+=" guarded guarded-altstack"
cat >"$T/hows.sh" <<EOF2
cd "$T"
ulimit -s 8192
for how in $(echo $HOWS); do ./p \$how; done 2>/dev/null
exit 0
EOF2
crash_direct "$T/c" bash "$T/hows.sh"
# shellcheck disable=SC2086
wait_dumps "$T/s" "$(wc -w <<<$HOWS)"
declare -A dump_of
for file in "$T"/s/*.zst; do
    record_of "$file" >"$T/record"
    dump_of[$(jq -r '.cmdline | ltrimstr("./p ")' "$T/record")]=$file
done

# code HOW CODE NAME ADDRESS FAULT: null is none; an address of "some" may be any.
code() {
    local address
    dump=${dump_of[$1]-}
    [[ -n $dump ]] || fail "$1 has left no dump"
    equal "$1: code" "$(field "$dump" signal_code) $(field "$dump" code_name)" "$2 $3"
    address=$(field "$dump" fault_address)
    [[ $4 == some && $address == 0x* ]] || equal "$1: address" "$address" "$4"
    equal "$1: fault" "$(field "$dump" fault)" "$5"
}
# info TEXT...: of the dump of code().
info() {
    "$DUMPCTL" info -D "$T/s" "$(field "$dump" id)" >"$T/info"
    local text
    for text; do
        has "$T/info" "$text"
    done
}
code maperr 1 SEGV_MAPERR 0x123450 null
equal "no sender" "$(field "$dump" sender_pid)" null
info ' Signal code: 1 \(SEGV_MAPERR\)$' ' Fault address: 0x123450$'
code accerr 2 SEGV_ACCERR some null
code noncanonical 128 SI_KERNEL null non-canonical
info ' Signal code: 128 \(SI_KERNEL\)$' ' Fault: probably a non-canonical address'
hasnt "$T/info" 'Fault address'
code noframe 128 SI_KERNEL null no-signal-frame
info ' Fault: no room for a signal frame'
code buserr 2 BUS_ADRERR some null
code illegal 2 ILL_ILLOPN some null
code divide 1 FPE_INTDIV some null
code breakpoint 128 SI_KERNEL null null
code forbidden 1 SYS_SECCOMP null null
code timer -2 SI_TIMER null null
equal "a timer is no sender" "$(field "$dump" sender_pid)" null
code abort -6 SI_TKILL null null
equal "abort(): sender" "$(field "$dump" sender_pid) $(field "$dump" sender_verified)" "$(field "$dump" pid) 0"
info ' Sent by: the process itself, as the signal says$'

code overflow 1 SEGV_MAPERR some stack-overflow
info ' Fault: the thread has used up its stack$'
code thread 2 SEGV_ACCERR some stack-overflow
code leap-thread 1 SEGV_MAPERR some stack-overflow
code unhandled 128 SI_KERNEL null stack-overflow
code altstack -6 SI_TKILL null stack-overflow
code altstack-thread -6 SI_TKILL null stack-overflow
code altstack-again 1 SEGV_MAPERR some stack-overflow
code wild 1 SEGV_MAPERR 0x7000 null
if [[ $HOWS == *guarded* ]]; then
    code guarded 1 SEGV_MAPERR some stack-overflow
    info ' Fault: the thread has used up its stack$'
    code guarded-altstack -6 SI_TKILL null stack-overflow
else
    echo "no MADV_GUARD_INSTALL here"
fi

# Senders. The shell that sends lives until the dump is there; its PID is the initial namespace's, whose /proc is mounted.
cat >"$T/send.sh" <<'EOF2'
# send.sh DIR WORD COMMAND: @ in the command becomes the PID of the waiting process
read -r pid _ </proc/self/stat
echo "$pid" >"$1/sender.$2"
before=$(ls "$1/s" | wc -l)
"$1/p" wait "$2" &
sleep 0.2
eval "${3//@/$!}"
wait $! 2>/dev/null
for _ in {1..200}; do
    (($(ls "$1/s" | wc -l) == before)) || break
    sleep 0.05
done
sleep 0.2
exit 0
EOF2
cat >"$T/senders.sh" <<EOF2
"$T/killer" "$T/send.sh" "$T" kill 'kill -SEGV @'
"$T/killer" "$T/send.sh" "$T" queue '"$T/p" send @ -1 1'
"$T/killer" "$T/send.sh" "$T" tqueue '"$T/p" tsend @ -1 1'
# Who has sent it is gone: somebody else may have its PID by now.
"$T/killer" "$T/send.sh" "$T" gone 'bash -c "kill -SEGV @"'
unshare -pf "$T/killer" "$T/send.sh" "$T" inside 'kill -SEGV @'
# From outside of a namespace. Its first process would be spared.
unshare -pf bash -c '"$T/p" wait outside & wait; exit 0' &
sleep 0.5
kill -SEGV \$(pgrep -f '^$T/p wait outside')
wait
EOF2
find "$T/s" -type f -delete
crash_direct "$T/c" bash "$T/senders.sh"
wait_dumps "$T/s" 6
# sent WORD CODE PID VERIFIED COMM UID
sent() {
    for dump in "$T"/s/*.zst; do
        [[ $(field "$dump" cmdline) != *" $1" ]] || break
    done
    [[ $(field "$dump" cmdline) == *" $1" ]] || fail "$1 has left no dump"
    equal "$1: code" "$(field "$dump" code_name)" "$2"
    equal "$1: sender" "$(field "$dump" sender_pid) $(field "$dump" sender_verified) $(field "$dump" sender_comm) $(field "$dump" sender_uid)" \
        "$3 $4 $5 $6"
}
sent kill SI_USER "$(cat "$T/sender.kill")" 1 killer 0
info " Sent by: $(cat "$T/sender.kill") \\(killer\\) of user 0\$"
sent queue SI_QUEUE 1 0 null 0
info ' Sent by: 1 of user 0, as the signal says; not verified$'
sent tqueue SI_QUEUE 1 0 null 0
sent inside SI_USER "$(cat "$T/sender.inside")" 1 killer 0
sent outside SI_USER 0 0 null 0
info ' Sent by: a process outside of its PID namespace'
for dump in "$T"/s/*.zst; do
    [[ $(field "$dump" cmdline) != *" gone" ]] ||
        equal "gone" "$(field "$dump" code_name) $(field "$dump" sender_verified) $(field "$dump" sender_comm)" "SI_USER 0 null"
done
