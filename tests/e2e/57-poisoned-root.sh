#!/bin/bash
# SPDX-License-Identifier: MIT
# A crash in a user, mount and PID namespace whose root is full of traps: FIFOs that hold who opens them, links to the
# host, devices, a file of 10 GiB, at every path that a handler might look up (CVE-2015-1318, CVE-2017-14180,
# CVE-2018-6552, CVE-2021-25684). strace shows that the handler opens nothing there, and goes nowhere.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need setpriv unshare strace jq zstd mount
program owned owned.c -static || fail "owned.c does not build"
setpriv --reuid=1000 --regid=1000 --clear-groups unshare -Urpmf true 2>"$T/err" ||
    skip "no user namespaces here: $(head -1 "$T/err")"

TRAPS="etc/dumpd/dumpd.conf etc/dumpd/dumpd.conf.d/x.conf etc/passwd etc/group etc/nsswitch.conf etc/ld.so.cache
    etc/ld.so.preload etc/localtime etc/machine-id etc/os-release lib/x86_64-linux-gnu/libc.so.6 lib64/ld-linux-x86-64.so.2
    usr/lib/dumpd usr/bin/zstd usr/lib/debug/x proc/self/status proc/sys/kernel/random/boot_id run/systemd/journal/socket
    run/systemd/coredump run/dbus/system_bus_socket dev/null dev/log dev/kmsg var/lib/dumpd/core.zst tmp/x
    var/lib/systemd/coredump/x sys/fs/cgroup/x"
# ROOT HOW: the program crashes in there.
cat >"$T/poison.sh" <<'EOF2'
set -e
root=$1 how=$2
mount -t tmpfs none "$root"
i=0
for trap in $TRAPS; do
    mkdir -p "$root/${trap%/*}"
    i=$((i + 1))
    case $((i % 4)) in
    0) mkfifo -m 666 "$root/$trap" ;;
    1) ln -s "/../../../../etc/shadow" "$root/$trap" ;;
    2) truncate -s 10G "$root/$trap" ;;
    3) if [ "$how" = root ]; then mknod -m 666 "$root/$trap" c 1 9; else mkfifo "$root/$trap"; fi ;;
    esac
done
mkfifo "$root/core"
cp "$T/owned" "$root/poisoned"
# chroot(1) has its libraries outside, and the program has none.
chroot "$root" /poisoned argument || true
EOF2
install -m 755 "$PROGRAMS/owned" "$T/owned"
mkdir -m 755 "$T/root"
export T TRAPS
dump_config "$T/c" mini "$T/s"
CALLS=%file,%network,setns,unshare,fchdir,pidfd_getfd,open_by_handle_at
printf '#!/bin/sh\nexec strace -f -qq -y -s 300 -o %s.$1 -e trace=%s %s --config=%s "$@"\n' \
    "$T/trace" "$CALLS" "$DUMPD" "$T/c" >"$T/h"
chmod 755 "$T/h"

# poisoned NAME COMMAND...: a crash in there. Leaves $TRACE and $dump.
n=0
poisoned() {
    local name=$1
    shift
    rm -f "$T"/trace.*
    ls "$T/s" >"$T/before"
    n=$((n + 1))
    with_pattern "|$T/h $LONG_FORM" timeout --foreground 60 "$@" >"$T/out" 2>&1 ||
        fail "$name: $(tail -3 "$T/out")"
    wait_dumps "$T/s" $n
    dump=$T/s/$(ls "$T/s" | comm -13 "$T/before" -)
    TRACE=$(echo "$T"/trace.*)
    # strace ends a little after the dump is there.
    wait_for 20 bash -c '! pgrep -f "^strace .*$1" >/dev/null' - "$TRACE" || fail "$name: the handler does not end"
    check_trace "$name"
}

check_trace() {
    has "$TRACE" '^[0-9]+ +openat.*"/proc/[0-9]+", .*O_PATH' "$1: the trace"
    # Links of the process are read, never followed.
    has "$TRACE" 'readlinkat\([0-9]+</proc/[0-9]+>, "root"' "$1: the trace"
    hasnt "$TRACE" '/proc/[0-9]+/(task/[0-9]+/)?(root|cwd|exe)(/|")' "$1: a path below its root or directory"
    hasnt "$TRACE" '(open|openat|openat2|stat|statx|newfstatat|access|faccessat2?|execve)\([^)]*"(root|cwd|exe)[/"]' "$1: a link followed"
    # Descriptors are shown with what they are: none is in the traps' file system, nor was anything created there.
    hasnt "$TRACE" "(open|openat|openat2)\\([^)]*\\) = [0-9]+<$T/root" "$1: opened in its root"
    hasnt "$TRACE" '= [0-9]+</(poisoned|core)' "$1: opened in its root"
    hasnt "$TRACE" '[0-9]+ +(setns|unshare|chroot|pivot_root|mount|umount2|chdir|fchdir|open_by_handle_at|open_tree)\(' "$1: went elsewhere"
    # One program, the handler itself; and the journal's socket alone.
    equal "$1: programs" "$(grep -cE '^[0-9]+ +execve' "$TRACE")" 1
    hasnt "$TRACE" 'connect\(.*(AF_INET|dbus|coredump)' "$1: connections"
    grep -E '^[0-9]+ +(open|openat|openat2)\(' "$TRACE" | grep -vE '= -1 ' | grep -oE '= [0-9]+<[^>]*' |
        sed -E 's/= [0-9]+<//' | sort -u >"$T/opened"
    hasnt "$T/opened" 'shadow|10G' "$1: opened"
    total=$((total + $(grep -cE '^[0-9]+ +(open|openat|openat2)\(' "$TRACE")))
}
total=0
poisoned user setpriv --reuid=1000 --regid=1000 --clear-groups unshare -Urpmf bash "$T/poison.sh" "$T/root" user
equal "comm" "$(field "$dump" comm)" poisoned
equal "exe is a text" "$(field "$dump" exe)" "$T/root/poisoned"
equal "exe in the core is the one of inside" "$(field "$dump" exe_in_core)" /poisoned
equal "outcome" "$(field "$dump" outcome)" complete
equal "root" "$(field "$dump" root | grep -c .)" 1
# In no session: what began as root inside may have been root outside, see 52-who-may-read.sh.
equal "a namespace of its user's" "$(field "$dump" access)" root
has <(field "$dump" access_reason) 'nor in a login session'
poisoned root unshare -pmf bash "$T/poison.sh" "$T/root" root
equal "outcome" "$(field "$dump" outcome)" complete
equal "root's" "$(field "$dump" access)" root
echo "crashes $n, opens $total, below its root or directory 0"
