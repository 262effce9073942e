#!/bin/bash
# SPDX-License-Identifier: MIT
# dumpctl debug where the path of a program is not where it is: chroot, another mount namespace, overlayfs, bind
# mounts. At the same path, another build lies in wait each time.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/debug.sh"
need unshare mount umount

build "$T/old" -no-pie
build "$T/new" -no-pie -DNEW
was=$(build_id_of "$T/old") is=$(build_id_of "$T/new")
p=$T/p/prog
mkdir "$T/p"

# A chroot in the host's mount namespace: found by itself.
mkdir -p "$T/root$T/p"
cp "$T/old" "$T/root$p"
while read -r library; do
    install -D "$library" "$T/root$library"
done < <(ldd "$T/old" | grep -o '/[^ ]*')
cp "$T/new" "$p"
crashed chroot "$T/root" "$p"
equal "root" "$(field "$(only_dump "$T/c/mini")" root)" "$T/root"
both ''
cat "$T/new" >"$T/root$p"
DEBUGGERS=gdb neither "$T/root$p is not the program that crashed \\(build-id $is, was $was\\)"

# In a mount namespace of its own there is the old build.
mkdir "$T/inside"
cp "$T/old" "$T/inside/prog"
crashed unshare -m sh -c 'mount --bind "$0" "$1" && exec "$1/prog"' "$T/inside" "$T/p"
equal "mount namespace" "$(field "$(only_dump "$T/c/mini")" mount_namespace)" own
neither "$p is not the program that crashed \\(build-id $is, was $was\\)"
has "$T/gdb.err" 'in another mount namespace.*--sysroot=DIR'
mkdir -p "$T/sysroot$T/p"
cp "$T/old" "$T/sysroot$p"
DEBUGGERS=gdb
both '' --sysroot="$T/sysroot"
both '' --exe="$T/inside/prog"
# A file here with the same build-id is the same program, wherever the process saw it.
cp "$T/old" "$p"
both ''
# Without a build-id it may be anybody's.
build "$T/inside/prog" -Wl,--build-id=none
cp "$T/inside/prog" "$p"
crashed unshare -m sh -c 'mount --bind "$0" "$1" && exec "$1/prog"' "$T/inside" "$T/p"
neither 'it has no build-id, and the process was in another mount namespace'
both '' --exe="$T/inside/prog"
has "$T/gdb.err" 'not verified, as they have no build-id: '

# On overlayfs NT_FILE has the path in the layer.
mkdir "$T/lower" "$T/upper" "$T/work" "$T/merged"
cp "$T/old" "$T/lower/prog"
if mount -t overlay overlay -o "lowerdir=$T/lower,upperdir=$T/upper,workdir=$T/work" "$T/merged"; then
    on_exit "umount -l '$T/merged'"
    crashed "$T/merged/prog"
    both ''
    cp "$T/new" "$T/merged/prog"
    neither "$T/merged/prog is not the program that crashed \\(build-id $is, was $was\\)"
fi

# A bind mount of one file over another, which is gone afterwards.
cp "$T/new" "$T/bound"
mount --bind "$T/old" "$T/bound"
on_exit "! mountpoint -q '$T/bound' || umount -l '$T/bound'"
crashed "$T/bound"
both ''
umount "$T/bound"
neither "$T/bound is not the program that crashed \\(build-id $is, was $was\\)"
