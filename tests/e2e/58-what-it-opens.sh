#!/bin/bash
# SPDX-License-Identifier: MIT
# All that the handler opens, connects to and changes by a name, of a program with traps in its environment and its
# directory: its own files, the process in /proc, the store, and nothing of the program's or of its user's
# (CVE-2021-32547 and those up to 32555, CVE-2019-11481, CVE-2022-28652, CVE-2022-28655). No owner or mode is
# changed by a path (CVE-2015-1338, CVE-2015-3315), and to store a dump no name is removed or replaced.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need setpriv strace jq zstd
program owned owned.c -static || fail "owned.c does not build"
install -m 755 "$PROGRAMS/owned" "$T/owned"
install -d -o 1000 -g 1000 "$T/theirs"
install -m 666 /dev/null "$T/parent"

# Whoever looks for a file of the user's, or of the program's directory, opens a trap.
cat >"$T/crash.sh" <<'EOF2'
cd "$T/theirs"
for trap in dumpd.conf .dumpd.conf .config/dumpd/dumpd.conf .config/apport/settings .gdbinit .env core core.zst \
    libc.so.6 libzstd.so.1 libsystemd.so.0 etc/passwd etc/dumpd/dumpd.conf C/LC_MESSAGES/x; do
    mkdir -p "./$(dirname "$trap")"
    mkfifo "$trap"
done
for name in HOME XDG_CONFIG_HOME XDG_RUNTIME_DIR TMPDIR DUMPD_CONFIG DUMPD_STORE SYSTEMD_COREDUMP LD_LIBRARY_PATH \
    LOCPATH NLSPATH TZ SYSTEMD_LOG_TARGET; do
    export $name=$PWD
done
export DBUS_SESSION_BUS_ADDRESS=unix:path=$PWD/core DUMPD_TYPE=stacks LD_PRELOAD=
echo "$PPID" >"$T/parent"
exec "$T/owned"
EOF2
export T
dump_config "$T/c" mini "$T/s" StoreEnvironment=yes
printf '#!/bin/sh\nexec strace -f -qq -y -s 300 -o %s -e trace=%s %s --config=%s "$@"\n' \
    "$T/trace" "%file,%network,fchdir,setns,open_by_handle_at,fchown,fchmod,ftruncate" "$DUMPD" "$T/c" >"$T/h"
chmod 755 "$T/h"
with_pattern "|$T/h $LONG_FORM" setpriv --reuid=1000 --regid=1000 --clear-groups bash "$T/crash.sh" >"$T/out" 2>&1 || true
wait_dumps "$T/s" 1
wait_for 20 bash -c '! pgrep -f "^strace .*$1" >/dev/null' - "$T/trace" || fail "the handler does not end"
dump=$(only_dump "$T/s")
equal "outcome" "$(field "$dump" outcome) $(field "$dump" verified) $(field "$dump" cwd)" "complete 1 $T/theirs"
has <(field "$dump" reason) 'asked for Type=stacks' # its environment was read, and that is all

pid=$(field "$dump" pid) handler=$(sed -nE '1s/^([0-9]+).*/\1/p' "$T/trace")
# What was opened, as the kernel calls it; names of descriptors and of memory are numbers.
grep -E '^[0-9]+ +(<... )?(open|openat|openat2)(\(| resumed)' "$T/trace" | sed -nE 's/.*\) = [0-9]+<(.*)>(\(deleted\))?$/\1/p' | sort -u >"$T/opened"
file="(status|statm|comm|task|task/[0-9]+/(comm|status)|maps|limits|cgroup|mountinfo|auxv|cmdline|environ|mem|pagemap|fd|fdinfo|fdinfo/[0-9]+)"
# Whether its parent has the same memory: how much that has.
parent=$(sed -nE 's|.*openat\(AT_FDCWD[^,]*, "/proc/([0-9]+)/statm".*|\1|p' "$T/trace")
one_of "whose size is asked" "$parent" "$(cat "$T/parent")"
# Its memory control group, from the handler's own mountinfo on, and those above it.
group="memory\.(limit_in_bytes|usage_in_bytes|max|high|current|stat)"
mounts=$(sed -nE 's|.* - cgroup2? .*|&|p' /proc/self/mountinfo | cut -d' ' -f5 | paste -sd'|')
# The handler and its children, and what its worker is doing; sanitizers look at their own process, too.
ours=$(cut -d' ' -f1 "$T/trace" | sort -u | paste -sd'|')
own="oom_score_adj|fdinfo/3|status|mountinfo|attr/current"
[[ $BUILD != *sanitize* ]] || own=".*"
grep -vxE "/|/proc/$pid|/proc/$pid/$file|/proc/$parent/statm|($mounts)(/.*/$group|/$group)?|/proc/($ours)/($own)|/proc/[0-9]+/task(/[0-9]+/stat)?|(user|pid):\[[0-9]+\]|/proc/1/cgroup|/proc/meminfo|\
/proc/sys/kernel/random/boot_id|/proc/sys/vm/overcommit_memory|/dev/(null|kmsg|u?random)|/etc/(passwd|ld\.so\.cache)|\
/(usr/)?lib(64)?/.*\.so[.0-9]*|/tmp|$T|$T/c|$T/run(/(vacuum|rates|slots|disk|left|(small|large)\.[0-9]+))?|$T/s(/#[0-9]+)?|$T/reports(/.*)?" \
    "$T/opened" >"$T/other" && fail "it opened: $(paste -sd' ' "$T/other")"

# but CALLS ALLOWED: the lines of other calls are not allowed.
but() {
    equal "$1, but $2" "$(grep -E "^[0-9]+ +($1)\\(" "$T/trace" | grep -vE "$2" | head -3 || true)" ""
}
# Its own paths come out of links, and no call is given one.
hasnt <(grep -v readlinkat "$T/trace") "\"$T/theirs" "what calls are given"
# By a name: the runtime directory is made, and the new file, which has none yet, gets one that was free.
but 'mkdir(at)?' "\(\"$T/run\", 0700\)"
but 'link(at)?' "\(AT_FDCWD(</>)?, \"/proc/self/fd/[0-9]+\", [0-9]+<$T/s>, \"core\.owned\.[^\"/]*\", AT_SYMLINK_FOLLOW"
equal "links" "$(grep -cE '^[0-9]+ +linkat\(' "$T/trace")" 1
but 'unlink(at)?|rename(at2?)?|symlink(at)?|mknod(at)?|l?chown|chmod|fch(own|mod)at2?|truncate|utim[a-z]*|l?setxattr|l?removexattr|mount' none
but 'chdir|fchdir|chroot|setns|open_by_handle_at' none
but 'fchown|fchmod|ftruncate' "\([0-9]+<$T/s/#[0-9]+>\(deleted\), "
but connect 'sun_path="/run/systemd/journal/socket"'
but 'socket(pair)?' '\(AF_UNIX, '
equal "programs" "$(grep -cE '^[0-9]+ +execve' "$T/trace")" 1
echo "opened $(wc -l <"$T/opened") files, none of the program's"
