# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The peers, as their Debian packages have them. Installing those changes kernel.core_pattern, so
# they are unpacked below build/. peer_NAME leaves $T/NAME, or fails and says why.

# unpacked PACKAGE PROGRAM: prints the root it is unpacked in.
unpacked() {
    local root=$BIN/$1/root
    if [[ ! -x $root/$2 ]]; then
        command -v apt-get >/dev/null || {
            echo "no apt-get to get it with" >&2
            return 1
        }
        rm -rf "${BIN:?}/$1"
        mkdir -p "$BIN/$1"
        (cd "$BIN/$1" && download "$1" && dpkg -x "$1"_*.deb root) >&2 || return
    fi
    if ldd "$root/$2" | grep 'not found' >&2; then
        return 1
    fi
    echo "$root"
}

# systemd-coredump is linked with libsystemd-shared of its own version: ask for that one first.
download() {
    local version
    version=$(dpkg-query -W -f '${Version}' systemd 2>/dev/null) || version=
    [[ $1 == systemd-* && -n $version ]] && apt-get download -q "$1=$version" && return
    apt-get download -q "$1" || { apt-get update -q && apt-get download -q "$1"; }
}

peer_systemd() {
    local root
    root=$(unpacked systemd-coredump lib/systemd/systemd-coredump) || return
    ln -s "$root/lib/systemd/systemd-coredump" "$T/systemd-coredump"
    ln -s "$root/usr/lib/sysctl.d/50-coredump.conf" "$T/systemd.sysctl"
}

# It has its settings in an init script; handlers.py has them from there.
peer_minicoredumper() {
    local root
    root=$(unpacked minicoredumper usr/sbin/minicoredumper) || return
    ln -s "$root/usr/sbin/minicoredumper" "$T/minicoredumper"
    printf '{"base_dir": "%s", "watch": [{"recept": "%s"}]}\n' "$S/minicoredumper" \
        "$root/etc/minicoredumper/generic.recept.json" >"$T/mcd.json"
}
