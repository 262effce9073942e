# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# For the scripts that run in the guest: assertions, crashes, and what SELinux denied. A line "ok"
# or "not ok" is a test; the others are for people.

VICTIM=/usr/local/bin/victim
STORE=/var/lib/dumpd
FAILED=0

ok() {
    echo "ok - $1"
}

not_ok() { # NAME [WHY]
    echo "not ok - $1${2:+: $2}"
    FAILED=1
}

is() { # NAME GOT WANT
    if [[ $2 == "$3" ]]; then
        ok "$1"
    else
        not_ok "$1" "got '$2', want '$3'"
    fi
}

matches() { # NAME GOT REGEX
    if [[ $2 =~ $3 ]]; then
        ok "$1"
    else
        not_ok "$1" "got '$2', want /$3/"
    fi
}

# succeeds NAME COMMAND...: its output is shown if it does not.
succeeds() {
    local name=$1
    shift
    if "$@" >/tmp/output 2>&1; then
        ok "$name"
    else
        not_ok "$name" "status $?"
        tail -n 20 /tmp/output | sed 's/^/    /'
    fi
}

wait_for() { # SECONDS COMMAND...
    local i
    for ((i = $1 * 5, shift; i > 0; i--)); do
        ! "${@:2}" >/dev/null 2>&1 || return 0
        sleep 0.2
    done
    return 1
}

# The newest journal entry of a crash of EXE, as JSON.
entry() { # EXE
    journalctl --sync
    journalctl -b -r -n 1 -o json --all --no-pager \
        MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1 COREDUMP_EXE="$1"
}

# Bytes, where journald took a text for them.
field() { # JSON NAME
    jq -r ".$2 // \"none\" | if type == \"array\" then implode else . end" <<<"$1"
}

# crash_of EXE COMMAND...: runs what crashes, and leaves in ENTRY what the journal says of it.
crash_of() {
    local exe=$1 before
    shift
    before=$(entry "$exe" | jq -r .__CURSOR)
    "$@" >/dev/null 2>&1
    wait_for 60 is_newer "$exe" "$before" || not_ok "a journal entry of $exe"
    ENTRY=$(entry "$exe")
}

is_newer() { # EXE CURSOR
    [[ $(entry "$1" | jq -r .__CURSOR) != "$2" ]]
}

guest_prepare() {
    useradd --create-home alice
    install -m 755 victim $VICTIM
}

as_alice() {
    runuser -u alice -- bash -c "ulimit -c unlimited; $*"
}

# debugged ID: does gdb show the frames and locals of victim.c in this dump?
debugged() {
    dumpctl debug "$1" --debugger=gdb \
        --debugger-arguments='-nx -q -batch -ex bt -ex "frame 1" -ex "info locals"' |
        tee /tmp/debugged
    grep -q 'order = 4711' /tmp/debugged && grep -q '#2 .* main ' /tmp/debugged
}

# A service of 180 MiB that is started anew as soon as it has crashed, in a control group (v2) that has no room
# for both: what crashed is not kept for its dump, or the kernel kills what was started.
memory_group() { # ROUND
    local unit=once-$1.service group=/sys/fs/cgroup/system.slice/once-$1.service
    rm -f /root/once /root/once.again
    cat >/etc/systemd/system/$unit <<U
[Service]
ExecStart=$VICTIM once 180 /root/once
LimitCORE=infinity
MemoryMax=256M
MemorySwapMax=0
Restart=on-failure
RestartSec=0
U
    systemctl daemon-reload
    crash_of $VICTIM systemctl start $unit
    is "memory group $1: v2" "$(stat -f -c %T /sys/fs/cgroup)" cgroup2fs
    succeeds "memory group $1: it was started again, and has its memory" \
        wait_for 60 test -e /root/once.again
    is "memory group $1: it lives" "$(systemctl is-active $unit)" active
    is "memory group $1: restarts" "$(systemctl show -P NRestarts $unit)" 1
    is "memory group $1: nobody was killed" \
        "$(sed -n 's/^oom_kill //p' $group/memory.events)" 0
    is "memory group $1: outcome" "$(field "$ENTRY" DUMPD_OUTCOME)" complete
    [[ $(field "$ENTRY" DUMPD_OUTCOME) == complete ]] || echo "# its reason: $(field "$ENTRY" DUMPD_REASON)"
    is "memory group $1: all of it came out of memory" \
        "$(($(field "$ENTRY" DUMPD_SIZE_MEMORY) >= 180 << 20))" 1
    systemctl stop $unit
}

test_memory_group() {
    local round
    printf '[Dump]\nType=full\n' >/etc/dumpd/dumpd.conf.d/vm.conf
    for round in 1 2 3; do
        memory_group $round
    done
    rm -f /etc/dumpd/dumpd.conf.d/vm.conf
}

# Who the handler's processes are from now on, until handler_seen says so: "LABEL USER " each. One that has
# ended and is not yet waited for has no label, "-".
watch_handler() {
    : >/tmp/seen
    (while :; do ps -C dumpd -o label=,user= >>/tmp/seen; sleep 0.2; done) &
    WATCHER=$!
}

# Root's: the parent, and a worker that has not given up its rights yet.
handler_seen() {
    kill $WATCHER
    tr -s ' ' </tmp/seen | grep -v '^- ' | grep ' root$' | sort -u | tr '\n' ' '
}

# The next worker that has given up its rights and has written a MiB is stopped in the middle of its work, and what
# labels its threads have is in /tmp/worker. Then it goes on, or stands still.
watch_worker() { # [still]
    rm -f /tmp/worker
    (
        until [[ -e /tmp/worker ]]; do
            for pid in $(pgrep -x -u dumpd dumpd); do
                stop_worker "$pid" "$@"
            done
            sleep 0.5
        done
    ) 2>/dev/null &
}

stop_worker() { # PID [still]
    grep -q '^Seccomp:.2$' "/proc/$1/status" && (($(stat -L -c %b "/proc/$1/fd/3") >= 2048)) || return 0
    kill -STOP "$1"
    cat "/proc/$1/task"/*/attr/current | tr '\0' '\n' | sort -u >/tmp/worker.new
    [[ -n ${2:-} ]] || kill -CONT "$1"
    mv /tmp/worker.new /tmp/worker
}

worker_seen() {
    wait_for 5 test -s /tmp/worker
    paste -sd' ' /tmp/worker
}

# Whoever is in another domain must still be ended by the handler; what it wrote is mended by a child in that one.
test_ended_worker() {
    printf '[Dump]\nType=full\nReleaseEarly=no\nDeadline=30s\n' >/etc/dumpd/dumpd.conf.d/vm.conf
    watch_worker still
    crash_of $VICTIM as_alice "$VICTIM memory 64"
    matches "ended worker: why" "$(field "$ENTRY" DUMPD_REASON)" 'the worker stood still and was ended'
    is "ended worker: outcome" "$(field "$ENTRY" DUMPD_OUTCOME)" cut
    succeeds "ended worker: what it wrote is a dump" zstd -qt "$(field "$ENTRY" COREDUMP_FILENAME)"
    is "ended worker: nobody is left" "$(pgrep -x -u dumpd dumpd)" ''
    rm -f /etc/dumpd/dumpd.conf.d/vm.conf
}

# What was denied that concerns dumpd: its domain, its files, or its programs.
denied() {
    journalctl --sync
    journalctl -b -o cat --no-pager _TRANSPORT=audit |
        grep -E 'avc: +denied|SELINUX_ERR|apparmor="DENIED"' | grep -E 'dumpd|dumpctl'
}

# Each script provokes one denial, whose line has $PROVOKED: where that is not in the journal, nothing
# else would be either, and to find none would say nothing.
provoked_seen() {
    denied | grep -F "$PROVOKED"
}

denials_are_seen() {
    if wait_for 20 provoked_seen; then
        ok "what is denied is in the journal"
    else
        not_ok "what is denied is in the journal"
    fi
}

# Those that nobody provoked.
denials() {
    denied | grep -vF "$PROVOKED"
}
