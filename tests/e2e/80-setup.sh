#!/bin/bash
# SPDX-License-Identifier: MIT
#
# dumpctl setup, --undo and status, with an /etc and a /var/lib of the test's own; the kernel's
# settings are the machine's.

set -eu
. "$(dirname "$0")/lib.sh"
need_root
need unshare mount setpriv jq

KERNEL=/proc/sys/kernel
SUID=/proc/sys/fs/suid_dumpable

# Patterns that are not ours, in a directory that does not exist. Never an existing file, least of
# all a device: the kernel unlinks what has the name of a core, and writes the core there as root.
FOREIGN=/nowhere/foreign
OTHER=/nowhere/other

# run STATUS ARGUMENTS...: dumpctl has to end with STATUS; what it says is in $T/said.
run() {
    local want=$1 rc=0
    shift
    "$DUMPCTL" "$@" >"$T/said" 2>&1 || rc=$?
    ((rc == want)) && return
    cat "$T/said" >&2
    fail "dumpctl $*: exit status $rc, want $want"
}

# The kernel's three values, and all files of the places where setup writes.
state() {
    cat "$KERNEL/core_pattern" "$KERNEL/core_pipe_limit" "$SUID"
    find /etc/sysctl.d /etc/dumpd /var/lib -printf '%y %m %l %p\n' 2>&1 | sort || true
}

# refused REGEX ARGUMENTS...: a setup that says why, and changes nothing.
refused() {
    local why=$1
    shift
    state >"$T/before"
    run 1 setup "$@"
    has "$T/said" "$why" "refusal of setup $*"
    state >"$T/after"
    same_text "$T/before" "$T/after"
}

test_refusals() {
    local bad=/run/bad-handlers
    mkdir -p "$bad/open"
    cp /bin/true "$bad/open/h" && cp /bin/true "$bad/mine" && cp /bin/true "$bad/text"
    chmod 777 "$bad/open"
    chown 65534 "$bad/mine"
    chmod 644 "$bad/text"
    ln -s open/h "$bad/link"
    refused 'absolute path' --handler=dumpd
    refused 'absolute path' '--handler=/run/a b'
    refused 'absolute path' --handler=/run/%p
    refused 'No such file' --handler=/run/nowhere/dumpd
    refused 'too long' "--handler=/$(printf 'a%.0s' {1..100})"
    refused 'written by others' --handler="$bad/open/h"
    refused 'written by others' --handler="$bad/link"
    refused 'belong to root' --handler="$bad/mine"
    refused 'no program' --handler="$bad/text"
    refused 'no program' --handler=/run
    refused 'no setup to undo' --undo
    run 2 setup --undo --handler="$HANDLER"
    run 2 setup --nonsense
    run 2 setup now
    rm -r "$bad"
}

test_not_root() {
    local rc=0
    setpriv --reuid=65534 --clear-groups "$SHARED_DUMPCTL" setup >"$T/said" 2>&1 || rc=$?
    equal "setup without root" $rc 1
    has "$T/said" 'as root'
    rc=0
    setpriv --reuid=65534 --clear-groups "$SHARED_DUMPCTL" status >"$T/said" 2>&1 || rc=$?
    equal "status without root" $rc 1
    has "$T/said" 'kernel.core_pattern: .* is not dumpd'
}

# As in a container: the settings can be read, not written.
test_read_only() {
    mount --bind /proc/sys /proc/sys
    mount -o remount,bind,ro /proc/sys
    refused 'run this on the host' --handler="$HANDLER"
    umount /proc/sys
}

test_setup() {
    printf 'kernel.core_pattern = core.%%p\n' >/etc/sysctl.d/99-zz.conf
    run 0 setup --handler="$HANDLER"
    has "$T/said" '99-zz.conf.*read later'
    equal core_pattern "$(cat $KERNEL/core_pattern)" "|$HANDLER $LONG_FORM"
    equal core_pipe_limit "$(cat $KERNEL/core_pipe_limit)" 512
    equal suid_dumpable "$(cat $SUID)" 2
    has /etc/sysctl.d/60-dumpd.conf '^kernel\.core_pattern=\|.* %P %s %e -d%d .* -F%F$'
    has /etc/sysctl.d/60-dumpd.conf '^kernel\.core_pipe_limit=512$'
    has /etc/sysctl.d/60-dumpd.conf '^fs\.suid_dumpable=2$'
    equal mask "$(readlink /etc/sysctl.d/50-coredump.conf)" /dev/null
    equal "store" "$(stat -c '%a %U' /var/lib/dumpd)" '755 root'
    equal "modes" "$(cd /etc && stat -c %a dumpd/before-setup sysctl.d/60-dumpd.conf | xargs)" \
        '600 644'
    run 0 status
    has "$T/said" '^note +next boot: .*99-zz.conf'
    rm /etc/sysctl.d/99-zz.conf
    run 0 status --json
    equal caught "$(jq -r .caught "$T/said")" true
    equal "next boot" \
        "$(jq -r '.checks[] | select(.check == "next boot").state' "$T/said")" ok
}

# The memory of what was before is of before the first one.
test_again_and_undo() {
    cp "$HANDLER" "$HANDLER-2"
    run 0 setup --handler="$HANDLER-2"
    equal core_pattern "$(cat $KERNEL/core_pattern)" "|$HANDLER-2 $LONG_FORM"
    has /etc/dumpd/before-setup "^before\.kernel\.core_pattern=$FOREIGN\$"
    run 0 setup --undo
    equal core_pattern "$(cat $KERNEL/core_pattern)" $FOREIGN
    equal core_pipe_limit "$(cat $KERNEL/core_pipe_limit)" 16
    equal suid_dumpable "$(cat $SUID)" 0
    equal "files" "$(find /etc/sysctl.d /etc/dumpd -mindepth 1)" ''
    refused 'no setup to undo' --undo
}

# What somebody else set after us is theirs.
test_changed_since() {
    run 0 setup --handler="$HANDLER"
    echo $OTHER >$KERNEL/core_pattern
    run 1 status
    run 0 setup --undo
    has "$T/said" "left alone: kernel.core_pattern was changed since, to '$OTHER'"
    equal core_pattern "$(cat $KERNEL/core_pattern)" $OTHER
    equal core_pipe_limit "$(cat $KERNEL/core_pipe_limit)" 16
    echo $FOREIGN >$KERNEL/core_pattern
}

# The administrator's own file in the place of the mask stays, with setup and with --undo.
test_own_mask() {
    echo '# mine' >/etc/sysctl.d/50-coredump.conf
    run 0 setup --handler="$HANDLER"
    has "$T/said" 'left alone: /etc/sysctl.d/50-coredump.conf'
    run 0 setup --undo
    equal mask "$(cat /etc/sysctl.d/50-coredump.conf)" '# mine'
    ln -sf /dev/null /etc/sysctl.d/50-coredump.conf
    run 0 setup --handler="$HANDLER"
    run 0 setup --undo
    equal mask "$(readlink /etc/sysctl.d/50-coredump.conf)" /dev/null
    rm /etc/sysctl.d/50-coredump.conf
}

test_damaged_memory() {
    mkdir -p /etc/dumpd
    echo nonsense >/etc/dumpd/before-setup
    refused 'damaged' --handler="$HANDLER"
    refused 'damaged' --undo
    rm /etc/dumpd/before-setup
}

# With a program that was removed since, the kernel would lose every crash.
test_gone_handler() {
    cp /bin/true /run/rival
    echo '|/run/rival %p' >$KERNEL/core_pattern
    run 0 setup --handler="$HANDLER"
    rm /run/rival
    run 0 setup --undo
    has "$T/said" "^not put back: kernel.core_pattern was '\\|/run/rival %p', and that program is gone"
    equal core_pattern "$(cat $KERNEL/core_pattern)" core
    equal core_pipe_limit "$(cat $KERNEL/core_pipe_limit)" 16
    equal "files" "$(find /etc/sysctl.d /etc/dumpd -mindepth 1)" ''
    echo $FOREIGN >$KERNEL/core_pattern
}

# For an image: the same files, and the kernel that is running is another system's.
test_offline() {
    run 0 setup --offline --handler="$HANDLER"
    run 0 setup --offline --handler="$HANDLER"
    equal core_pattern "$(cat $KERNEL/core_pattern)" $FOREIGN
    equal core_pipe_limit "$(cat $KERNEL/core_pipe_limit)" 16
    has /etc/sysctl.d/60-dumpd.conf '^kernel\.core_pattern=\|.* %P %s %e -d%d .* -F%F$'
    has /etc/dumpd/before-setup '^before\.kernel\.core_pattern=core$'
    has /etc/dumpd/before-setup '^before\.kernel\.core_pipe_limit=0$'
    equal mask "$(readlink /etc/sysctl.d/50-coredump.conf)" /dev/null
    run 0 setup --undo --offline
    equal core_pattern "$(cat $KERNEL/core_pattern)" $FOREIGN
    equal "files" "$(find /etc/sysctl.d /etc/dumpd -mindepth 1)" ''
}

# In a mount namespace, with the lock on core_pattern held.
inside() {
    local suid
    suid=$(cat $SUID)
    on_exit "echo $suid >$SUID"
    echo 0 >$SUID
    mkdir -p "$T"/{etc/sysctl.d,lib,vendor}
    cp -a /etc/passwd /etc/group /etc/nsswitch.conf /etc/ld.so.* "$T/etc/"
    echo 'kernel.core_pattern=|/systemd-coredump' >"$T/vendor/50-coredump.conf"
    mount -t tmpfs -o mode=755 tmpfs /run
    mkdir -p /run/lock
    mount --bind "$T/lib" /var/lib
    mount --bind "$T/etc" /etc
    # Either may be a link to the other, and there may be none.
    mkdir -p /usr/lib/sysctl.d
    mount --bind "$T/vendor" /usr/lib/sysctl.d
    # The real build may be anybody's.
    HANDLER=/run/dumpd SHARED_DUMPCTL=/run/dumpctl
    cp "$DUMPD" $HANDLER
    cp "$DUMPCTL" $SHARED_DUMPCTL
    test_refusals
    test_not_root
    test_read_only
    test_setup
    test_again_and_undo
    test_changed_since
    test_gone_handler
    test_offline
    test_own_mask
    test_damaged_memory
}

# status --test, with the kernel starting dumpd as installed.
test_a_crash() {
    ln -sf "$DUMPD" "$T/d"
    dump_config "$T/conf" mini "$T/store"
    with_pattern "|$T/d --config=$T/conf $LONG_FORM" "$DUMPCTL" status --test >"$T/said" ||
        fail "status --test: $(cat "$T/said")"
    has "$T/said" '^ok +test crash: dump [a-f][0-9a-f]{11} \(mini, complete\)'
    only_dump "$T/store" >/dev/null
    with_pattern "|$T/d --config=$T/conf %P %s %e" "$DUMPCTL" status --test --json \
        >"$T/said" || fail "status --test, short form: $(cat "$T/said")"
    equal caught "$(jq -r .caught "$T/said")" true
    # A crash with another's pattern would do what that one says: none is made.
    ! with_pattern $FOREIGN "$DUMPCTL" status --test --config="$T/conf" >"$T/said" ||
        fail "status --test is content with $FOREIGN"
    has "$T/said" "^problem .*not made: core_pattern '$FOREIGN' is not dumpd's"
}

if [[ ${1:-} == inside ]]; then
    inside
    exit
fi
test_a_crash
with_pattern $FOREIGN unshare -m --propagation private "$BASH" "$E2E/${0##*/}" inside
