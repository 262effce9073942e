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

# Who the handler's processes are from now on, until handler_seen says so: "LABEL USER " each. One that has
# ended and is not yet waited for has no label, "-".
watch_handler() {
    : >/tmp/seen
    (while :; do ps -C dumpd -o label=,user= >>/tmp/seen; sleep 0.05; done) &
    WATCHER=$!
}

handler_seen() {
    kill $WATCHER
    tr -s ' ' </tmp/seen | grep -v '^- ' | sort -u | tr '\n' ' '
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
