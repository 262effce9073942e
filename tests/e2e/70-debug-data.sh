#!/bin/bash
# SPDX-License-Identifier: MIT
# dumpctl debug and mapped files of data: the debugger shows the file that was mapped, and never another one that has
# its path now, nor what was written later, however old that looks.
# LIMIT=600
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/debug.sh"
need mount umount mountpoint sed

program mapped_data mapped_data.c || fail "mapped_data.c does not build"
EXE=$PROGRAMS/mapped_data

# data FILE TEXT
data() {
    mkdir -p "${1%/*}"
    head -c 8192 /dev/zero >"$1"
    printf '%s' "$2" | dd of="$1" conv=notrunc status=none
}

# text REGEX [REGEX]: what gdb shows of the mapping, and what is said before.
text() {
    with_debugger "$DUMPCTL" debug -D "$T/c/mini" -A '-nx -batch -ex "x/s '"${SHOWN:-mapped}"'"' >"$T/gdb.out" 2>"$T/gdb.err" ||
        fail "gdb: $(tail -5 "$T/gdb.err")"
    cat "$T/gdb.err" >>"$T/gdb.out"
    has "$T/gdb.out" "$1" "the text"
    if (($# > 1)); then
        has "$T/gdb.err" "$2" "what is said"
    else
        hasnt "$T/gdb.err" "mapped file.* of data" "what is said"
    fi
}

gone='annot access memory at address'
other='1 mapped file of data may be another than the one that was mapped; the debugger does not see it'

# Of an age that nobody doubts.
data "$T/data/x" "what was mapped"
data "$T/backup/x" "of another file"
data "$T/data/y" "what was mapped"
data "$T/backup/y" "of another file"
mkdir "$T/memory"
mount -t tmpfs tmpfs "$T/memory"
on_exit "umount -l '$T/memory'"
data "$T/memory/x" ""
data "$T/disk" ""
# Who writes to a mapping, and does so again when it is told to. It ends with this script: nobody else holds the FIFO.
mkfifo "$T/go"
exec 7<>"$T/go"
writer() {
    rm -f "$T/ready"
    "$EXE" "$1" "echo ready >'$T/ready'; read -r x <'$T/go'" 7>&- &
    WRITER=$!
    wait_for 20 test -s "$T/ready" || fail "the writer does not begin"
}
# written FILE: it writes now.
written() {
    echo >&7
    wait "$WRITER"
    has "$1" 'written after the crash' "the file"
}
writer "$T/memory/x"
sleep 61

# Two directories of the same age, and the one is put in the other's place, as by a restore.
crashed "$EXE" "$T/data/x"
text '"what was mapped"'
mv "$T/data" "$T/data.bad"
mv "$T/backup" "$T/data"
text "$gone" "$other"
mv "$T/data" "$T/backup"
mv "$T/data.bad" "$T/data"
text '"what was mapped"'
# The same by a mount; and with that mounted, by a link.
mount --bind "$T/backup" "$T/data"
on_exit "! mountpoint -q '$T/data' || umount -l '$T/data'"
text "$gone" "$other"
umount "$T/data"
mv "$T/data" "$T/data.bad"
ln -s backup "$T/data"
text "$gone" "$other"
rm "$T/data"
mv "$T/data.bad" "$T/data"
# One that was written is still found.
printf 'of another file' | dd of="$T/data/x" conv=notrunc status=none
text "$gone" '1 mapped file of data may have changed since the crash; the debugger does not see it'

# In memory a write through a mapping changes no time.
crashed "$EXE" "$T/memory/x"
changed=$(stat -c %z "$T/memory/x")
written "$T/memory/x"
equal "the time of the last change" "$(stat -c %z "$T/memory/x")" "$changed"
text "$gone" '1 mapped file of data is on a file system that does not tell of every change; the debugger does not see it'
# On disk neither, to what has just been written in that way and is not on disk yet.
writer "$T/disk"
sleep 0.1
crashed "$EXE" "$T/disk"
written "$T/disk"
text "$gone" '1 mapped file of data may have changed since the crash; the debugger does not see it'

# Two files at one path, as a directory was mounted over the first: a debugger would take one for both.
both="2 mapped files of data may be others than those that were mapped; the debugger does not see them"
crashed "$EXE" "$T/data/y" "mount --bind '$T/backup' '$T/data'" again
text "$gone" "$both"
SHOWN=again text "$gone" "$both"
umount "$T/data"
text "$gone" "$both"
SHOWN=again text "$gone" "$both"

# A dump that does not tell what it mapped, as older ones.
crashed "$EXE" "$T/data/y"
text '"what was mapped"'
has <(field "$(only_dump "$T/c/mini")" data_files) " $(stat -c %i "$T/data/y") " "the record"
LC_ALL=C sed -i 's/"data_files"/"data_filez"/' "$(only_dump "$T/c/mini")"
text "$gone" '1 mapped file of data may be another: the dump does not tell which was mapped; the debugger does not see it'
