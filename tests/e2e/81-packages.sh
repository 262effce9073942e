#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The Debian package's scripts: installed, upgraded, removed, purged, beside systemd-coredump, in a
# container and in a chroot. Real dpkg, with /usr, /etc and /var of the test's own; the kernel's
# settings are the machine's.

set -eu
. "$(dirname "$0")/lib.sh"
need_root
need unshare mount dpkg-buildpackage dh
[[ -e /usr/share/selinux/devel/Makefile ]] || skip "selinux-policy-dev is not installed"

PATTERN=/proc/sys/kernel/core_pattern
FOREIGN=/nowhere/foreign
RIVAL='|/lib/systemd/systemd-coredump %P'
OURS='|/usr/lib/dumpd '"$LONG_FORM"
DEB=$(echo "$TOP"/build/deb/dumpd_*.deb)
DROPIN=/usr/lib/sysctl.d/50-coredump.conf

# run COMMAND...: what it says is in $T/said.
run() {
    "$@" >"$T/said" 2>&1 && return
    cat "$T/said" >&2
    fail "$*"
}

# pretend PROGRAM yes|no: what it says when the package's scripts ask it.
pretend() {
    local rc=1
    [[ $2 == no ]] || rc=0
    printf '#!/bin/sh\nexit %d\n' $rc >"$1"
    chmod 755 "$1"
}

container() {
    pretend /usr/bin/systemd-detect-virt "$1"
}

pattern_is() { # WHAT PATTERN
    [[ $(cat $PATTERN) == "$2" ]] || cat "$T/said" >&2
    equal "core_pattern, $1" "$(cat $PATTERN)" "$2"
}

test_install() {
    run dpkg -i "$DEB"
    pattern_is installed "$OURS"
    equal "core_pipe_limit" "$(cat /proc/sys/kernel/core_pipe_limit)" 512
    has /etc/sysctl.d/60-dumpd.conf '^kernel\.core_pattern='
    equal "the store" "$(stat -c '%a %U' /var/lib/dumpd)" '755 root'
    has /etc/passwd '^dumpd:'
    run dpkg -i "$DEB"
    pattern_is "installed again" "$OURS"
    has /etc/dumpd/before-setup "^before\.kernel\.core_pattern=$FOREIGN\$"
}

# Who undid it meant it; who removed the package and installs it again means that.
test_upgrade() {
    run dumpctl setup --undo
    run dpkg -i "$DEB"
    pattern_is "upgraded after --undo" $FOREIGN
    run dumpctl setup
    : >/var/lib/dumpd/core.kept.zst
    run dpkg -r dumpd
    pattern_is removed $FOREIGN
    equal "drop-ins" "$(ls /etc/sysctl.d | grep -c dumpd || true)" 0
    run dpkg -i "$DEB"
    pattern_is "installed after it was removed" "$OURS"
    [[ -e /var/lib/dumpd/core.kept.zst ]] || fail "removing the package removed a dump"
}

# systemd-coredump's package sets the pattern when it is configured, and dpkg then tells dumpd's.
test_rival() {
    mkdir -p "${DROPIN%/*}"
    echo "kernel.core_pattern=$RIVAL" >$DROPIN
    echo "$RIVAL" >$PATTERN
    run dpkg-trigger --by-package=dumpd $DROPIN
    run dpkg --triggers-only --pending
    pattern_is "systemd-coredump installed" "$OURS"
    equal "mask" "$(readlink /etc/sysctl.d/50-coredump.conf)" /dev/null
    run dpkg -r dumpd
    # Is it there for dpkg only, the kernel's own comes back.
    if [[ -e /lib/systemd/systemd-coredump ]]; then
        pattern_is "removed beside systemd-coredump" "$RIVAL"
    else
        pattern_is "removed, and systemd-coredump is gone" core
    fi
    [[ ! -e /etc/sysctl.d/50-coredump.conf ]] || fail "the mask is left"
    rm $DROPIN
}

test_purge() {
    run dpkg -P dumpd
    equal "what is left" "$(find /etc/dumpd /var/lib/dumpd /usr/lib/dumpd 2>/dev/null || true)" ''
    equal "drop-ins" "$(ls /etc/sysctl.d | grep -c dumpd || true)" 0
}

# core_pattern is the host's, and so are crashes.
test_container() {
    echo $FOREIGN >$PATTERN
    container yes
    run dpkg -i "$DEB"
    has "$T/said" 'this is a container'
    pattern_is "in a container" $FOREIGN
    run dpkg -P dumpd
    container no
}

# The kernel is not that of the system that is being made.
test_chroot() {
    pretend /usr/bin/ischroot yes
    run dpkg -i "$DEB"
    pattern_is "in a chroot" $FOREIGN
    has /etc/sysctl.d/60-dumpd.conf '^kernel\.core_pattern=\|/usr/lib/dumpd '
    run dpkg -P dumpd
    pattern_is "purged in a chroot" $FOREIGN
    equal "drop-ins" "$(ls /etc/sysctl.d | grep -c dumpd || true)" 0
}

# In a mount namespace, with the lock on core_pattern held.
inside() {
    local directory suid upper
    suid=$(cat /proc/sys/fs/suid_dumpable)
    on_exit "echo $suid >/proc/sys/fs/suid_dumpable"
    mkdir "$T/own"
    mount -t tmpfs tmpfs "$T/own"
    on_exit "umount -l $T/own"
    for directory in usr etc var; do
        upper=$T/own/$directory
        mkdir "$upper" "$upper.work"
        mount -t overlay -o "lowerdir=/$directory,upperdir=$upper,workdir=$upper.work" overlay \
            "/$directory" || skip "no overlay of /$directory can be made here"
    done
    mount -t tmpfs -o mode=755 tmpfs /run
    mkdir -p /run/lock
    export DEBIAN_FRONTEND=noninteractive
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    # Not this machine's, if it has them.
    rm -rf /etc/dumpd /etc/sysctl.d/*dumpd* /etc/sysctl.d/50-coredump.conf $DROPIN
    rm -f /var/lib/man-db/auto-update # it would take the most time
    ! dpkg -s dumpd >/dev/null 2>&1 || run dpkg -P --force-depends dumpd
    echo $FOREIGN >$PATTERN
    container no
    # It takes a mount namespace for one.
    pretend /usr/bin/ischroot no
    test_install
    test_upgrade
    test_rival
    test_purge
    test_container
    test_chroot
}

if [[ ${1:-} == inside ]]; then
    inside
    exit
fi
make -s -C "$TOP" deb >"$T/out" || fail "make deb: $(cat "$T/out")"
with_pattern $FOREIGN unshare -m --propagation private "$BASH" "$E2E/${0##*/}" inside
