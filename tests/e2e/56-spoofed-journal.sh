#!/bin/bash
# SPDX-License-Identifier: MIT
# Journal entries that look like a crash's, from users, and from root with a file that is none of the store's: none is
# shown that a user sent, whatever it says of itself, and dumpctl opens nothing that an entry names.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/bad.sh"

need journalctl setpriv strace
journal_start
good_core
ID=$(cat /proc/sys/kernel/random/boot_id | tr -d -)

# The one real crash, in the store and in the journal.
dump_config "$T/c" full "$T/s"
replay "$T/c" "$GOOD"
equal "status" "$REPLAY_STATUS" 0
real=$(only_dump "$T/s")
real_id=$(field "$real" id)
mkfifo -m 666 "$T/fifo.zst"
ln -s /etc/shadow "$T/link.zst"
cp "$real" "$T/other.zst"

# send ID FILENAME [FIELD=VALUE...]: by the journal's own socket, as sd_journal_send(3) does.
cat >"$T/send.py" <<'EOF2'
import socket, sys
fields = ["MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1", "MESSAGE=spoofed", "PRIORITY=2", "SYSLOG_IDENTIFIER=dumpd",
          "COREDUMP_PID=1", "COREDUMP_UID=0", "COREDUMP_GID=0", "COREDUMP_SIGNAL=11", "COREDUMP_COMM=spoofed",
          "COREDUMP_TIMESTAMP=1700000000000000", "DUMPD_OUTCOME=complete", "DUMPD_VERIFIED=1", "DUMPD_ACCESS=owner",
          "DUMPD_ID=" + sys.argv[1], "COREDUMP_FILENAME=" + sys.argv[2], "DUMPD_FILE=" + sys.argv[2]] + sys.argv[3:]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect("/run/systemd/journal/socket")
s.send("".join(f + "\n" for f in fields).encode())
EOF2
chmod 644 "$T/send.py"
as_user() {
    setpriv --reuid=1000 --regid=1000 --clear-groups "$@"
}
send() {
    "${AS[@]}" "$PYTHON" "$T/send.py" "$@" || fail "cannot send to the journal"
}
FILES=(/etc/shadow ../other.zst ../../../../../../etc/shadow "$T/s/../link.zst" "$T/fifo.zst" "$T/link.zst"
    "$T/other.zst" "$real" "${real##*/}" /proc/1/environ /dev/tty "" . / "$T/s")
AS=(as_user)
n=0
for file in "${FILES[@]}"; do
    n=$((n + 1))
    send "a0000000000$(printf %x $n)" "$file"
    # What only journald may say, said by the sender; and the id of the real one.
    send "b0000000000$(printf %x $n)" "$file" _UID=0 _TRANSPORT=journal _PID=1 "_BOOT_ID=$ID" _EXE=/usr/lib/dumpd
    send "$real_id" "$file" COREDUMP_CMDLINE=spoofed
done
# By the other ways into the journal: syslog's socket, where a line may look like fields.
as_user "$PYTHON" - <<'EOF2' || true
import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect("/run/systemd/journal/dev-log")
s.send(b"<2>dumpd: spoofed\nMESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1\nDUMPD_ID=c00000000001\nCOREDUMP_FILENAME=/etc/shadow")
EOF2

count() {
    (($(journal_entries MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1 COREDUMP_COMM=spoofed _UID="$1" | wc -l) >= $2))
}
wait_for 20 count 1000 $((3 * ${#FILES[@]})) || fail "the spoofed entries are not in the journal: nothing is tried"

# opened COMMAND...: what it opens; the rest of the output is its own. LeakSanitizer needs ptrace(2) for itself.
opened() {
    ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 timeout 60 strace -f -qq -e trace=open,openat,openat2,execve,connect -o "$T/trace" "$@" >"$T/out" 2>"$T/err" ||
        OPENED_STATUS=$?
}
# The only files of the store's, of the journal's and of the program's own.
nothing_named() {
    hasnt "$T/trace" 'shadow|other\.zst|fifo|link\.zst|"\.\./|/proc/1/environ|"/dev/tty"' "$1: what it opens"
}
for verb in "list --json" "info -n 99 --json" "list" "info -n 99"; do
    OPENED_STATUS=0
    # shellcheck disable=SC2086
    opened "$DUMPCTL" $verb --config="$T/c"
    equal "$verb" "$OPENED_STATUS" 0
    nothing_named "$verb"
    has "$T/trace" "${real##*/}" "$verb: what it opens"
    hasnt "$T/out" 'spoofed|[abc]0000000000' "$verb"
    if [[ $verb == *--json ]]; then
        equal "$verb: rows of the real one" "$(jq -c "map(select(.id == \"$real_id\") | [.state, .cmdline])" "$T/out")" \
            "$(jq -c '[["present", .cmdline]]' <(record_of "$real"))"
    fi
done
for match in a00000000001 b00000000002 c00000000001 COREDUMP_COMM=spoofed; do
    OPENED_STATUS=0
    opened "$DUMPCTL" extract --config="$T/c" "$match" -o "$T/core"
    ((OPENED_STATUS != 0)) || fail "extract $match"
    nothing_named "extract $match"
    [[ ! -e $T/core ]] || fail "extract $match left an output"
done
OPENED_STATUS=0
opened "$DUMPCTL" extract --config="$T/c" "$real_id" -o "$T/core"
equal "extract of the real one" "$OPENED_STATUS" 0
nothing_named "extract of the real one"
same_bytes "$T/core" "$GOOD"

# From root, as another of its programs may be made to send: an entry, but no file.
AS=(env)
n=0
for file in "${FILES[@]}"; do
    n=$((n + 1))
    [[ $file != *"${real##*/}" ]] || continue
    send "d0000000000$(printf %x $n)" "$file"
done
wait_for 20 count 0 $((${#FILES[@]} - 2)) || fail "root's entries are not in the journal"
for verb in "list --json" "info -n 99"; do
    OPENED_STATUS=0
    # shellcheck disable=SC2086
    opened "$DUMPCTL" $verb --config="$T/c"
    equal "$verb" "$OPENED_STATUS" 0
    nothing_named "$verb, of root's"
done
# What is a file and has a dump's name is called a dump in another directory, and is not looked into.
equal "states" "$(opened "$DUMPCTL" list --json --config="$T/c"
    jq -c 'map(select(.id // "" | startswith("d0000000000")) | [.state, if .state == "missing" then null else .file end]) |
        unique' "$T/out")" "[[\"elsewhere\",\"$T/other.zst\"],[\"missing\",null]]"
for i in 1 2 4 5 6 7; do
    OPENED_STATUS=0
    opened "$DUMPCTL" extract --config="$T/c" "d0000000000$i" -o "$T/none"
    ((OPENED_STATUS != 0)) || fail "extract of root's $i"
    nothing_named "extract of root's $i"
    [[ ! -e $T/none ]] || fail "extract of root's $i left an output"
done
echo "spoofed entries $((3 * ${#FILES[@]} + 1)), shown 0, files opened 0"
