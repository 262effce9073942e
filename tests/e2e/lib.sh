# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# For the scripts beside it: what they share. A script is one process with one directory of
# its own, $T, and cleans up after itself however it ends. What the machine has only one of
# (kernel.core_pattern, journald) is taken under a lock and put back.

set -Eeuo pipefail

E2E=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$E2E/../.." && pwd)
BUILD=$(cd "$TOP" && cd "${BUILD:-build}" && pwd)
PROGRAMS=$BUILD/tests/programs
DUMPD=$BUILD/dumpd
DUMPCTL=$BUILD/dumpctl
PYTHON=/usr/bin/python3
# The installed form: every fact that the kernel has, options after the hostile %e.
LONG_FORM='%P %s %e -d%d -u%u -g%g -c%c -t%t -I%I -F%F'
PATTERN_LOCK=/run/lock/dumpd-core-pattern.lock
JOURNAL_LOCK=/run/lock/dumpd-journald.lock

# Short: core_pattern has room for 127 characters.
T=$(mktemp -d /tmp/e.XXXXXX)
chmod 755 "$T"
export HOME=$T LC_ALL=C
unset DEBUGINFOD_URLS
# A report on /dev/null is no report. The handler's worker is not root: anybody may write here.
mkdir -m 1777 "$T/reports"
export ASAN_OPTIONS=log_path=$T/reports/r UBSAN_OPTIONS=log_path=$T/reports/r:print_stacktrace=1

EXIT_COMMANDS=()
on_exit() {
    EXIT_COMMANDS=("$*" "${EXIT_COMMANDS[@]}")
}

cleanup() {
    local rc=$? command
    trap - EXIT ERR
    set +e
    if ((rc == 0)); then
        no_sanitizer_reports || rc=1
    fi
    for command in "${EXIT_COMMANDS[@]}"; do
        eval "$command"
    done
    remove_cgroups
    if [[ -n ${KEEP:-} ]]; then
        echo "kept: $T" >&2
    else
        rm -rf "$T"
    fi
    exit "$rc"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
trap 'echo "${BASH_SOURCE[0]##*/}:$LINENO: failed: $BASH_COMMAND" >&2' ERR

fail() {
    local i
    echo "FAIL: $*" >&2
    for ((i = 1; i < ${#FUNCNAME[@]}; i++)); do
        echo "  at ${BASH_SOURCE[i]##*/}:${BASH_LINENO[i - 1]} ${FUNCNAME[i]}" >&2
    done
    exit 1
}

skip() {
    echo "$*"
    exit 77
}

need() {
    local tool
    for tool; do
        command -v "$tool" >/dev/null || skip "$tool is not installed"
    done
}

need_root() {
    [[ $(id -u) == 0 ]] || skip "needs root"
    [[ -w /proc/sys/kernel/core_pattern ]] || skip "kernel.core_pattern cannot be written here"
}

# equal WHAT GOT WANT
equal() {
    [[ $2 == "$3" ]] || fail "$1: got '$2', want '$3'"
}

# one_of WHAT GOT WANT...
one_of() {
    local what=$1 got=$2 want
    shift 2
    for want; do
        [[ $got == "$want" ]] && return
    done
    fail "$what: got '$got', want one of: $*"
}

# has FILE REGEX [WHAT]
has() {
    grep -aEq -- "$2" "$1" && return
    head -c 3000 "$1" >&2
    fail "${3:-${1#"$T"/}} lacks /$2/"
}

hasnt() {
    grep -aEq -- "$2" "$1" || return 0
    grep -aE -- "$2" "$1" | head -5 >&2
    fail "${3:-${1#"$T"/}} has /$2/"
}

same_bytes() {
    cmp -- "$1" "$2" >&2 || fail "$1 and $2 differ"
}

same_text() {
    diff -u -- "$1" "$2" >"$T/diff" && return
    head -60 "$T/diff" >&2
    fail "${1#"$T"/} and ${2#"$T"/} differ"
}

# No byte that a terminal would act upon, but newline and tab.
no_control_bytes() {
    # -c reads to the end: with -q, tr would die of SIGPIPE, and that is no "not found".
    local lines
    lines=$(tr -d '\n\t' <"$1" | LC_ALL=C grep -acP '[\x00-\x1f\x7f]|\xc2[\x80-\x9f]') || true
    equal "control bytes in ${1#"$T"/}" "$lines" 0
}

no_sanitizer_reports() {
    local report found=0
    while IFS= read -r report; do
        echo "sanitizer report $report" >&2
        head -40 "$report" >&2
        found=1
    done < <(find "$T/reports" -type f)
    return $found
}

# program NAME SOURCE FLAGS...: builds $PROGRAMS/NAME. Without optimisation: the tests ask
# for frames and values by the names of the source.
program() {
    local name=$1 source=$E2E/programs/$2
    shift 2
    [[ $PROGRAMS/$name -nt $source ]] && return
    mkdir -p "$PROGRAMS"
    "${CC:-cc}" -std=gnu17 -O0 -g -Wall -Wextra -Wno-array-bounds -o "$PROGRAMS/.$name.$$" \
        "$source" "$@" || return
    mv "$PROGRAMS/.$name.$$" "$PROGRAMS/$name"
}

# tiny_program: $PROGRAMS/tiny, without libc.
tiny_program() {
    program tiny tiny.c -nostdlib -static -ffreestanding -fno-stack-protector -fno-pie -no-pie ||
        fail "tiny.c does not build"
}

# make_cgroup PATH: a control group of that path, where libsystemd looks. CGROUP: its directory. Removed at the end of the
# script, with those above it that are empty then; in a subshell, too.
make_cgroup() {
    local mount root=/sys/fs/cgroup/systemd
    for mount in /sys/fs/cgroup /sys/fs/cgroup/unified; do
        [[ $(stat -f -c %T $mount 2>/dev/null) != cgroup2fs ]] || root=$mount
    done
    CGROUP=$root$1
    [[ ! -d $CGROUP ]] || return 0
    printf '%s\n' "$root .$1" >>"$T/cgroups"
    mkdir -p "$CGROUP"
}

# The last one first: it may be in another.
remove_cgroups() {
    local root path
    [[ -e $T/cgroups ]] || return 0
    tac "$T/cgroups" | while read -r root path; do
        (cd "$root" && wait_for 5 rmdir "$path" 2>/dev/null &&
            rmdir -p --ignore-fail-on-non-empty "${path%/*}" 2>/dev/null)
    done
}

# in_cgroup PATH COMMAND...
in_cgroup() {
    make_cgroup "$1" || return
    shift
    (echo 0 >"$CGROUP/cgroup.procs" && "$@")
}

# with_pattern PATTERN COMMAND...: PIPE_LIMIT, MAX_MAP_COUNT and SUID_DUMPABLE may be set for it.
# One command at a time, because other tests wait for the lock.
with_pattern() (
    trap - ERR
    ((${#1} <= 127)) || fail "core_pattern of ${#1} characters: $1"
    exec 9>"$PATTERN_LOCK"
    flock 9
    old_pattern=$(cat /proc/sys/kernel/core_pattern)
    old_limit=$(cat /proc/sys/kernel/core_pipe_limit)
    old_maps=$(cat /proc/sys/vm/max_map_count)
    old_suid=$(cat /proc/sys/fs/suid_dumpable)
    trap 'printf "%s\n" "$old_pattern" >/proc/sys/kernel/core_pattern
          echo "$old_limit" >/proc/sys/kernel/core_pipe_limit
          echo "$old_maps" >/proc/sys/vm/max_map_count
          [[ -z ${SUID_DUMPABLE:-} ]] || echo "$old_suid" >/proc/sys/fs/suid_dumpable' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    printf '%s\n' "$1" >/proc/sys/kernel/core_pattern
    echo "${PIPE_LIMIT:-16}" >/proc/sys/kernel/core_pipe_limit
    echo "${MAX_MAP_COUNT:-$old_maps}" >/proc/sys/vm/max_map_count
    [[ -z ${SUID_DUMPABLE:-} ]] || echo "$SUID_DUMPABLE" >/proc/sys/fs/suid_dumpable
    shift
    (
        cd "$T"
        # The handler's own limit does not matter, the program's does: 0 asks for no memory.
        ulimit -c "${CORE_LIMIT:-unlimited}"
        "$@" 9>&-
    )
)

# Lines of a configuration: a test's programs crash as often as it likes, in slots of its own.
# One crash goes to many handlers at once here.
UNLIMITED="RuntimeDirectory=$T/run"$'\n'"Slots=64"$'\n'"RateDumps=infinity"$'\n'"RateUserDumps=infinity"

# dump_config FILE TYPE STORE [LINE...]
dump_config() {
    local file=$1 type=$2 store=$3
    shift 3
    mkdir -p "$store"
    chmod 755 "$store"
    {
        printf '[Dump]\nType=%s\nDirectory=%s\n' "$type" "$store"
        [[ -z $UNLIMITED ]] || printf '%s\n' "$UNLIMITED"
        (($# == 0)) || printf '%s\n' "$@"
    } >"$file"
}

# Other lines of the configuration for all types of crash().
CONFIG_LINES=()

# crash DIR "TYPES" COMMAND...: runs the command, which has to die, and hands its one core to
# a handler per type. Afterwards: DIR/kernel.core, DIR/TYPE/ (the store), DIR/TYPE.rc and .err,
# DIR/done (the arguments), and CRASH_STATUS.
crash() {
    local dir=$1 types=$2 type
    shift 2
    mkdir -p "$dir"
    for type in $types; do
        dump_config "$dir/$type.conf" "$type" "$dir/$type" "${CONFIG_LINES[@]}"
    done
    printf '#!/bin/sh\nexec %s %s %s %s "$@" 2>%s\n' "$PYTHON" "$E2E/fan.py" "$dir" "$DUMPD" \
        "$dir/fan.err" >"$dir/h"
    chmod 755 "$dir/h"
    CRASH_STATUS=0
    with_pattern "|$dir/h ${PATTERN_FORM:-$LONG_FORM}" timeout --foreground 120 "$@" >"$dir/out" 2>&1 ||
        CRASH_STATUS=$?
    wait_for 60 test -e "$dir/done" || {
        cat "$dir/out" "$dir/fan.err" >&2
        fail "no core of: $* (status $CRASH_STATUS)"
    }
    for type in $types; do
        stored "$dir" "$type" "${STORED:-0 4}"
    done
}

# crash_cut DIR "TYPES" COMMAND...: the same where a smaller dump is expected.
crash_cut() {
    STORED="1 4" crash "$@"
}

# snapshot_program: $PROGRAMS/snapshot, for crash_released().
snapshot_program() {
    local file
    # program() looks at the first file alone.
    for file in "$E2E"/programs/snapshot*.[ch] "$E2E"/programs/held_memory.[ch]; do
        [[ $PROGRAMS/snapshot -nt $file ]] || rm -f "$PROGRAMS/snapshot"
    done
    program snapshot snapshot.c -D_GNU_SOURCE -O2 "$E2E/programs/snapshot_core.c" \
        "$E2E/programs/held_memory.c" || fail "snapshot.c does not build"
}

# crash_released DIR TYPE COMMAND...: runs the command, of which one process has to die, and one
# dumpd takes its core off the kernel's own pipe, so that the process is let go as it is on any
# machine; crash() holds it until all is done. Before that, SNAPSHOT of it is taken, "pages" if it is
# not set (programs/snapshot.c). Afterwards: DIR/TYPE/ (the store), DIR/TYPE.rc and .err, what the
# snapshot left in DIR, DIR/out, and CRASH_STATUS.
crash_released() {
    local dir=$1 type=$2
    shift 2
    mkdir -p "$dir"
    rm -rf "${dir:?}/$type" "$dir/rc" "$dir/pages" "$dir/maps" "$dir/kernel.core" \
        "$dir/$type.err"
    dump_config "$dir/$type.conf" "$type" "$dir/$type" "${CONFIG_LINES[@]}"
    cat >"$dir/h" <<END
#!/bin/sh
export ASAN_OPTIONS='$ASAN_OPTIONS' UBSAN_OPTIONS='$UBSAN_OPTIONS'
exec $PROGRAMS/snapshot $dir ${SNAPSHOT:-pages} $$ "\$1" $DUMPD --config=$dir/$type.conf "\$@" \\
    >/dev/null 2>>$dir/$type.err
END
    chmod 755 "$dir/h"
    CRASH_STATUS=0
    with_pattern "|$dir/h ${PATTERN_FORM:-$LONG_FORM}" timeout --foreground 120 "$@" >"$dir/out" 2>&1 ||
        CRASH_STATUS=$?
    wait_for 60 test -e "$dir/rc" || {
        cat "$dir/out" "$dir/$type.err" >&2
        fail "no core of: $* (status $CRASH_STATUS)"
    }
    mv "$dir/rc" "$dir/$type.rc"
    ! grep 'no snapshot' "$dir/$type.err" >&2 || fail "$type: $*"
    stored "$dir" "$type" "${STORED:-0 4}"
}

# stored DIR TYPE "CODES". 4: no journald runs and the journal could not be told; of the tests
# that come here, the dump is what counts.
stored() {
    local rc
    rc=$(cat "$1/$2.rc")
    [[ " $3 " == *" $rc "* ]] && return
    cat "$1/$2.err" >&2
    fail "dumpd Type=$2 exited with $rc, want one of: $3"
}

# with_debugger COMMAND...: it sees user dumpd-debug, id DEBUGGER_ID; the machine's own list of users stays as it is.
DEBUGGER_ID=64987
with_debugger() {
    grep -v '^dumpd-debug:' /etc/passwd >"$T/passwd" || true
    echo "dumpd-debug:x:$DEBUGGER_ID:$DEBUGGER_ID:test:/:/usr/sbin/nologin" >>"$T/passwd"
    unshare --mount sh -c 'mount --bind "$0" /etc/passwd && exec "$@"' "$T/passwd" "$@"
}

# crash_direct CONF COMMAND...: the kernel starts dumpd itself, as installed, and nobody waits
# for it: poll for what it leaves.
crash_direct() {
    local conf=$1
    shift
    ln -sf "$DUMPD" "$T/d"
    CRASH_STATUS=0
    with_pattern "|$T/d --config=$conf ${PATTERN_FORM:-$LONG_FORM}" timeout --foreground 120 "$@" \
        >"$T/direct.out" 2>&1 || CRASH_STATUS=$?
}

# wait_for SECONDS COMMAND...
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.05
    done
}

# dump_count STORE, has_dumps STORE N
dump_count() {
    find "$1" -mindepth 1 -maxdepth 1 -type f -name '*.zst' | wc -l
}

has_dumps() {
    (($(dump_count "$1") >= $2))
}

wait_dumps() {
    wait_for 60 has_dumps "$1" "$2" || fail "no dump number $2 in $1: $(ls -A "$1")"
}

# The only dump of a store; anything else in it is a stray.
only_dump() {
    local all
    all=$(find "$1" -mindepth 1 -printf '%f\n')
    [[ -n $all && $all != *$'\n'* && $all == *.zst ]] || fail "want one dump in $1: '$all'"
    printf '%s/%s\n' "$1" "$all"
}

empty_store() {
    local all
    all=$(find "$1" -mindepth 1 -printf '%f\n')
    [[ -z $all ]] || fail "want nothing in $1: '$all'"
}

# The first frame of a dump: its record as JSON (frame.h).
record_of() {
    local bytes
    bytes=$(od -An -tx1 -N4 "$1" | tr -d ' ')
    equal "first frame of ${1##*/}" "$bytes" 502a4d18
    dd if="$1" bs=8 skip=1 count=2047 status=none | tr -d '\0'
}

# field FILE KEY: one member of a dump's record.
field() {
    record_of "$1" | jq -r --arg key "$2" '.[$key]'
}

# extract DIR TYPE: DIR/TYPE.core, by dumpctl and by zstd alone; both have to agree.
extract() {
    local dump
    dump=$(only_dump "$1/$2")
    "$DUMPCTL" extract -D "$1/$2" "$(field "$dump" id)" -o "$1/$2.core" >"$T/extract.out" 2>&1 || {
        cat "$T/extract.out" >&2
        fail "dumpctl extract $dump"
    }
    zstd -dcq --memory=128MB "$dump" >"$1/$2.zstd" || fail "zstd -dc $dump"
    same_bytes "$1/$2.core" "$1/$2.zstd"
    rm -f "$1/$2.zstd"
}

# gdb_run EXE CORE ARGUMENTS...: nothing of the person's own set-up.
gdb_run() {
    local exe=$1 core=$2
    shift 2
    gdb -nx -q -batch -iex 'set debuginfod enabled off' -iex 'set style enabled off' \
        -iex 'set auto-load safe-path /' -iex 'set confirm off' "$exe" "$core" "$@" 2>&1
}

# frames EXE CORE OUT
frames() {
    gdb_run "$1" "$2" -x "$E2E/frames.py" >"$3.all" || fail "gdb on $2: $(tail -5 "$3.all")"
    # Before it: what gdb says on loading, which names the files and warns of one or the other.
    sed -n '/^threads [0-9]/,$p' "$3.all" >"$3"
    [[ -s $3 ]] || fail "gdb shows nothing of $2: $(tail -5 "$3.all")"
}

# values EXE CORE EXPRESSION...: "EXPRESSION = VALUE", in $VALUES_FRAME.
values() {
    local exe=$1 core=$2
    shift 2
    VALUES=$(printf '%s\n' "$@") gdb_run "$exe" "$core" -x "$E2E/values.py" |
        sed -n 's/^value //p'
}

# replay CONF CORE [ARGUMENT...]: a core once more, from a file, with a PID that is gone.
# Leaves REPLAY_STATUS, REPLAY_PID and $T/replay.err. 20 s is a hang.
replay() {
    local conf=$1 core=$2 pid
    shift 2
    pid=$(gone_pid)
    REPLAY_PID=$pid
    (($# > 0)) || set -- "$pid" 11 replayed -d1 -u0 -g0 -c18446744073709551615 \
        "-t$(date +%s)" "-I$pid"
    REPLAY_STATUS=0
    timeout -k 5 20 "$DUMPD" --config="$conf" "$@" <"$core" >"$T/replay.out" 2>"$T/replay.err" ||
        REPLAY_STATUS=$?
    ((REPLAY_STATUS != 124 && REPLAY_STATUS != 137)) || fail "dumpd hangs on $core"
    ((REPLAY_STATUS < 124)) || {
        cat "$T/replay.err" >&2
        fail "dumpd died with $REPLAY_STATUS on $core"
    }
}

gone_pid() {
    (exec true) &
    local pid=$!
    wait "$pid"
    echo "$pid"
}

journal_answers() {
    "$PYTHON" - <<'EOF'
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
try:
    s.connect("/run/systemd/journal/socket")
except OSError:
    sys.exit(1)
EOF
}

# A journald for the length of the test, where none runs. The lock is held until the end of
# the test: there is one journal, and a test that stops it must not stop another's.
journal_start() {
    exec 8>"$JOURNAL_LOCK"
    flock 8
    JOURNAL_OURS=0
    journal_answers && return
    [[ -x /lib/systemd/systemd-journald ]] || skip "no systemd-journald here"
    JOURNAL_OURS=1
    # Entries of an earlier journald are none of the test's.
    [[ ! -d /run/log/journal ]] || mv /run/log/journal "/run/log/journal.before-e2e"
    mkdir -p /run/systemd/journal /run/log/journal
    /lib/systemd/systemd-journald 8>&- >/dev/null 2>&1 &
    JOURNALD=$!
    on_exit journal_stop
    wait_for 10 journal_answers || fail "systemd-journald does not come up"
}

# Stops our own only; its entries stay until the end of the test.
journald_stop() {
    [[ -n ${JOURNALD:-} ]] || return 0
    kill "$JOURNALD" 2>/dev/null || true
    wait "$JOURNALD" 2>/dev/null || true
    JOURNALD=
    rm -f /run/systemd/journal/socket /run/systemd/journal/stdout /run/systemd/journal/dev-log
}

journal_stop() {
    journald_stop
    rm -rf /run/log/journal
    [[ ! -d /run/log/journal.before-e2e ]] || mv /run/log/journal.before-e2e /run/log/journal
}

# Entries of this boot that match, as JSON lines: journal_entries FIELD=VALUE...
journal_entries() {
    journalctl --sync >/dev/null 2>&1 || true
    journalctl -q --no-pager -o json --all "$@" 2>/dev/null || true
}
