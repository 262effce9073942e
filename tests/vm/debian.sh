# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# For image and bare: a Debian that boots in the emulator and runs what the second disk says.

SUITE=bookworm
# They would only take time.
MASKED=(apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service
    fstrim.timer dpkg-db-backup.timer getty@tty1.service serial-getty@ttyS0.service
    systemd-timesyncd.service logrotate.timer systemd-pcrphase.service
    systemd-pcrphase-sysinit.service)
# Documents are no part of what is tested, and half of the files.
WITHOUT_DOCUMENTS=()
for name in doc man locale info lintian bug; do
    WITHOUT_DOCUMENTS+=("--dpkgopt=path-exclude=/usr/share/$name/*")
done
unset name

die() {
    echo "tests/vm/${0##*/}: $*" >&2
    exit 1
}

# make_directory DIR: DIR is the caller's, so it is found before this changes to the directory of the scripts.
# Leaves the absolute name in `dir`.
make_directory() {
    mkdir -p "$1"
    dir=$(cd "$1" && pwd)
    cd "$(dirname "$0")" || die "no directory $(dirname "$0")"
}

# The mirrors that this machine's own apt uses for the guest's release.
sources() {
    local release found
    found=$(for release in $SUITE $SUITE-updates $SUITE-security; do
        apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
            awk -v r="$release" '$2 == r { print "deb", $1, r, "main"; exit }'
    done)
    [[ -n $found ]] || die "apt on this machine knows no mirror of Debian $SUITE"
    echo "$found"
}

# install_runner TREE: at its boot it runs guest/vm-run, and nothing that would only take time.
install_runner() {
    local unit units=$1/etc/systemd/system
    echo vm >"$1/etc/hostname"
    echo '127.0.0.1 localhost vm' >"$1/etc/hosts"
    echo '/dev/vda / ext4 defaults,noatime 0 0' >"$1/etc/fstab"
    # A fixed one, so that the journal has its directory.
    echo 0123456789abcdef0123456789abcdef >"$1/etc/machine-id"
    mkdir -p "$1/var/log/journal"
    for unit in "${MASKED[@]}"; do
        ln -sfn /dev/null "$units/$unit"
    done
    install -m 755 guest/vm-run "$1/usr/local/sbin/vm-run"
    install -m 644 guest/vm-run.service "$units/vm-run.service"
    mkdir -p "$units/multi-user.target.wants"
    ln -sfn ../vm-run.service "$units/multi-user.target.wants/vm-run.service"
}

# pack_tree TREE LABEL IMAGE SIZE: an ext4 file system of a plain tree, which is removed.
pack_tree() {
    rm -f "$3"
    mke2fs -q -F -t ext4 -O ^has_journal,^metadata_csum -m 0 -L "$2" -d "$1" "$3" "$4"
    rm -rf --one-file-system "$1"
}
