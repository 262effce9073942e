#!/bin/bash
# SPDX-License-Identifier: MIT
# Who may read a dump: programs with all kinds of rights crash, with fs.suid_dumpable 0, 1 and 2, with the
# short pattern and the long one. What the rule of dumpd(8) gives to its user, that user opens; nothing else
# does anybody but root (CVE-2022-4415, CVE-2025-4598, CVE-2025-5054, CVE-2015-1324).
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need setpriv setcap unshare getfacl jq zstd chroot pgrep
program owned owned.c -static -pthread || fail "owned.c does not build"
USER_ID=1000
OTHER_ID=1001
# as UID COMMAND...: setpriv keeps root's capabilities up to its execve; env has none when it starts the
# command, as a user's shell has none.
as() {
    local uid=$1
    shift
    setpriv --reuid="$uid" --regid="$uid" --clear-groups env "$@"
}
export -f as
export T USER_ID OTHER_ID

install -m 755 "$PROGRAMS/owned" "$T/plain"
install -m 711 "$PROGRAMS/owned" "$T/unreadable"
install -m 4755 "$PROGRAMS/owned" "$T/setuid"
install -m 2755 "$PROGRAMS/owned" "$T/setgid"
install -m 4755 -o $OTHER_ID "$PROGRAMS/owned" "$T/setuid-other"
install -m 755 "$PROGRAMS/owned" "$T/capable"
setcap cap_net_raw+ep "$T/capable" 2>"$T/err" || skip "no file capabilities here: $(cat "$T/err")"
mkdir "$T/root" && install -m 755 "$PROGRAMS/owned" "$T/root/plain"
as $USER_ID unshare -Ur unshare -Ur true 2>"$T/err" || skip "no user namespaces here: $(head -1 "$T/err")"

# A user namespace that root made, with the user's ids in it: a container of somebody else's.
anothers_namespace() {
    "$PYTHON" - "$T/plain" <<'PROGRAM'
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
ready, go = os.pipe(), os.pipe()
pid = os.fork()
if pid == 0:
    if libc.unshare(0x10000000) != 0: # CLONE_NEWUSER
        os._exit(9)
    os.write(ready[1], b"x")
    os.read(go[0], 1)
    os.setgroups([])
    os.setresgid(7, 7, 7)
    os.setresuid(7, 7, 7)
    os.execv(sys.argv[1], [sys.argv[1]])
os.read(ready[0], 1)
for name in ("gid_map", "uid_map"):
    with open(f"/proc/{pid}/{name}", "w") as f:
        f.write("7 1000 1\n0 0 1\n")
os.write(go[1], b"x")
os.waitpid(pid, 0)
PROGRAM
}
export -f anothers_namespace
export PYTHON

# A rootless container: a namespace that the user made, with subordinate ids, of which it has one.
rootless() {
    "$PYTHON" - "$T/plain" <<'PROGRAM'
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
ready, go = os.pipe(), os.pipe()
pid = os.fork()
if pid == 0:
    os.setgroups([])
    os.setresgid(1000, 1000, 1000)
    os.setresuid(1000, 1000, 1000)
    if libc.unshare(0x10000000) != 0: # CLONE_NEWUSER
        os._exit(9)
    os.write(ready[1], b"x")
    os.read(go[0], 1)
    os.setresgid(5, 5, 5)
    os.setresuid(5, 5, 5)
    os.execv(sys.argv[1], [sys.argv[1]])
os.read(ready[0], 1)
for name in ("gid_map", "uid_map"):
    with open(f"/proc/{pid}/{name}", "w") as f:
        f.write("0 1000 1\n1 100000 65536\n")
os.write(go[1], b"x")
os.waitpid(pid, 0)
PROGRAM
}
export -f rootless

# in_session COMMAND...: as in a login session of the user's, by its control group, where libsystemd looks.
CGROUPS=/sys/fs/cgroup/systemd
for mount in /sys/fs/cgroup /sys/fs/cgroup/unified; do
    [[ $(stat -f -c %T $mount 2>/dev/null) != cgroup2fs ]] || CGROUPS=$mount
done
SESSION=$CGROUPS/user.slice/user-$USER_ID.slice/session-c$$.scope
mkdir -p "$SESSION" 2>"$T/err" || skip "no control groups here: $(head -1 "$T/err")"
on_exit 'rmdir -p --ignore-fail-on-non-empty "$SESSION" 2>/dev/null'
in_session() {
    ( echo 0 >"$SESSION/cgroup.procs" && "$@" )
}
export -f in_session
export SESSION

# unshare(1) dies of the signal of its child: that would be another crash.
other_pids() {
    unshare -pf sh -c "setpriv --reuid=$USER_ID --regid=$USER_ID --clear-groups $T/plain; true"
}
own_pids() {
    as $USER_ID unshare -Urpf sh -c "$T/plain; true"
}
export -f other_pids own_pids

# NAME COMMAND; and what becomes of it with fs.suid_dumpable 0, 1, 2 and the long pattern: none (the kernel
# keeps quiet), root, user. With 1 the kernel calls every program an ordinary one and lets its user ptrace it:
# there the mode of a file that may not be read, 0711, is lost, and the rest is found by ids and AT_SECURE.
AMBIENT="setpriv --reuid=$USER_ID --regid=$USER_ID --clear-groups --inh-caps=+dac_read_search"
AMBIENT="$AMBIENT --ambient-caps=+dac_read_search"
KINDS=(
    "plain|as $USER_ID $T/plain|user user user"
    "setuid|as $USER_ID $T/setuid|none root root"
    "setuid-other|as $USER_ID $T/setuid-other|none root root"
    "setgid|as $USER_ID $T/setgid|none root root"
    "capable|as $USER_ID $T/capable|none root root"
    "capable-of-root|setpriv --reuid=$USER_ID --regid=$USER_ID --clear-groups $T/capable|root root root"
    "setuid-drops|as $USER_ID $T/setuid drop|none root root"
    "dropped|$T/plain drop|none root root"
    "unreadable|as $USER_ID $T/unreadable|none user root"
    "dumpable0|as $USER_ID $T/plain dumpable0|none none none"
    "dumpable1|as $USER_ID $T/plain dumpable1|user user user"
    "setuid-dumpable1|as $USER_ID $T/setuid dumpable1|root root root"
    "setuid-drops-dumpable1|as $USER_ID $T/setuid drop dumpable1|root root root"
    "setgid-dumpable1|as $USER_ID $T/setgid dumpable1|root root root"
    "capable-dumpable1|as $USER_ID $T/capable dumpable1|root root root"
    "dropped-dumpable1|$T/plain drop dumpable1|root root root"
    "namespace-root|as $USER_ID unshare -Ur $T/plain|root root root" # a service of root's may do that, too
    "session-namespace-root|in_session as $USER_ID unshare -Ur $T/plain|user user user"
    "namespace-nobody|as $USER_ID $T/plain unshare|user user user"
    "nested|as $USER_ID unshare -Ur unshare -Ur $T/plain|root root root"
    "session-nested|in_session as $USER_ID unshare -Ur unshare -Ur $T/plain|user user user"
    "namespace-setuid|in_session as $USER_ID unshare -Ur $T/setuid|user user user" # the bit is void there: no root
    "dropped-maps-root|$T/plain drop dumpable1 unshare-map|root root root"
    "dropped-maps-nothing|$T/plain drop dumpable1 unshare|root root root"
    "session-dropped-maps-nothing|in_session $T/plain drop dumpable1 unshare|root root root"
    "rootless|rootless|root root root"
    "session-rootless|in_session rootless|user user user"
    "other-pids|other_pids|root root root"
    "session-own-pids|in_session own_pids|user user user"
    "thread-keeps|$AMBIENT $T/plain thread-keeps|root root root"
    "thread-crashes|$AMBIENT $T/plain thread-crashes|root root root"
    "thread-of-none|as $USER_ID $T/plain thread-keeps|user user user"
    "anothers-namespace|anothers_namespace|root root root"
    "chroot|chroot --userspec=$USER_ID:$USER_ID --groups= $T/root /plain|user user user"
    "roots|$T/plain|root root root"
)

printf '%s\n' "${KINDS[@]}" >"$T/kinds"

# One after the other; $STORE.N is what is in the store after the one of line N. The handler is there before
# its process is gone, and goes on a little longer.
crash_kinds() {
    local command i=0
    while IFS='|' read -r _ command _; do
        $command </dev/null >/dev/null 2>&1 || true
        while pgrep -f "^$T/d --config" >/dev/null; do sleep 0.02; done
        ls "$STORE" >"$STORE.$i"
        i=$((i + 1))
    done <"$T/kinds"
}
export -f crash_kinds

readable=0 hidden=0 silent=0
# check STORE NAME FILE EXPECTED
check() {
    local store=$1 name=$2 file=$3 expected=$4 reads=no access
    if [[ -z $file ]]; then
        equal "$name: a dump" none "$expected"
        silent=$((silent + 1))
        return
    fi
    file=$store/$file
    as $OTHER_ID cat "$file" >/dev/null 2>&1 && fail "$name: uid $OTHER_ID reads it"
    setpriv --reuid=$OTHER_ID --regid=$USER_ID --clear-groups cat "$file" >/dev/null 2>&1 &&
        fail "$name: group $USER_ID reads it"
    setpriv --reuid=$OTHER_ID --regid=0 --clear-groups cat "$file" >/dev/null 2>&1 &&
        fail "$name: group 0 reads it"
    as $USER_ID bash -c 'echo x >>"$1"' - "$file" 2>/dev/null && fail "$name: its user may write"
    as $USER_ID rm -f "$file" 2>/dev/null && fail "$name: its user may remove it"
    as $USER_ID cat "$file" >"$T/read" 2>/dev/null && reads=yes
    equal "$name: owner" "$(stat -c '%u %g' "$file")" "0 0"
    access=$(field "$file" access)
    if [[ $expected == user ]]; then
        equal "$name: its user reads it" $reads yes
        same_bytes "$T/read" "$file"
        equal "$name: mode" "$(stat -c %a "$file")" 640
        equal "$name: list" "$(getfacl -cnp "$file" | grep -v '^$' | paste -sd' ')" \
            "user::rw- user:$USER_ID:r-- group::--- mask::r-- other::---"
        equal "$name: access" "$access $(field "$file" access_reason)" "owner null"
        readable=$((readable + 1))
    else
        equal "$name: a dump for root" "$expected" root
        equal "$name: its user reads it" $reads no
        equal "$name: mode" "$(stat -c %a "$file")" 600
        equal "$name: access" "$access" root
        [[ $(field "$file" access_reason) != null ]] || fail "$name: no reason"
        hidden=$((hidden + 1))
    fi
}

# round FORM-NAME FORM SUID_DUMPABLE
round() {
    local form=$1 suid=$3 i name expected before=/dev/null
    export STORE=$T/$form$suid
    dump_config "$STORE.conf" mini "$STORE"
    SUID_DUMPABLE=$suid PATTERN_FORM=$2 crash_direct "$STORE.conf" bash -c crash_kinds
    for i in "${!KINDS[@]}"; do
        IFS='|' read -r name _ expected <<<"${KINDS[i]}"
        expected=$(cut -d' ' -f$((suid + 1)) <<<"$expected")
        [[ $form == long || $expected == none ]] || expected=root
        check "$STORE" "$name, suid_dumpable $suid, $form" "$(comm -13 "$before" "$STORE.$i")" "$expected"
        before=$STORE.$i
    done
}
for suid in 0 1 2; do
    round long "$LONG_FORM" $suid
    round short '%P %s %e' $suid
done

# The reasons, each by the fact that decided.
reason() { # KIND SUID_DUMPABLE REGEX
    local i before=/dev/null
    for i in "${!KINDS[@]}"; do
        if [[ ${KINDS[i]} == "$1|"* ]]; then
            has <(field "$T/long$2/$(comm -13 "$before" "$T/long$2.$i")" access_reason) "$3" "reason of $1"
            return
        fi
        before=$T/long$2.$i
    done
    fail "no kind $1"
}
reason setuid 2 'the kernel says'
reason setuid 1 'with more rights'
reason setgid 1 'with more rights'
reason capable 1 'with more rights'
reason setuid-dumpable1 2 'with more rights'
reason dropped 1 'started by another user'
reason dropped-dumpable1 2 'started by another user'
reason anothers-namespace 2 'namespace of another'
reason roots 2 "the process was root's"
reason thread-keeps 2 'not all threads'
reason thread-crashes 2 'not all threads'
reason other-pids 2 'a PID namespace of another'
reason dropped-maps-root 2 'nor in a login session'
reason dropped-maps-nothing 2 'nor in a login session'
equal "reason with the short form" "$(field "$(find "$T/short2" -name '*.zst' | head -1)" access_reason)" \
    "the kernel was not asked for the dump mode: -d%d"
echo "crashes $((readable + hidden + silent)), readable by their user $readable, by root alone $hidden, none by the kernel $silent"
