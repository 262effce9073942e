#!/bin/bash
# SPDX-License-Identifier: MIT
# Who reads stored dumps for dumpctl: a child that has no rights, that opens nothing, and at whose death one dump is
# not read and all others are. What runs as root, or as who called it, reads none.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need strace jq setpriv

tiny_program
crash "$T/good" full "$PROGRAMS/tiny"
dump=$(only_dump "$T/good/full")
id=$(field "$dump" id)
chmod 755 "$T"
mkdir -m 755 "$T/s"
cp "$dump" "$T/s/a.zst"
chmod 644 "$T/s/a.zst"

# status PID FIELD
status() {
    awk -v field="$2:" '$1 == field { print $2 }' "/proc/$1/status"
}

# confined WHAT COMMAND...: of an extraction that waits for its reader.
confined() {
    local what=$1 child fds
    shift
    mkfifo -m 666 "$T/fifo"
    exec 8<>"$T/fifo"
    "$@" "$DUMPCTL" extract -D "$T/s" >"$T/fifo" 8>&- &
    wait_for 10 pgrep -P $! >/dev/null
    child=$(pgrep -P $!)
    wait_for 10 grep -q '^Seccomp:.2' "/proc/$child/status"
    wait_for 10 grep -q pipe "/proc/$child/wchan" || true # it writes
    equal "$what: NoNewPrivs" "$(status "$child" NoNewPrivs)" 1
    for set in CapInh CapPrm CapEff CapAmb; do
        equal "$what: $set" "$(status "$child" $set)" 0000000000000000
    done
    [[ $(status "$child" Uid) != 0 && $(status "$child" Gid) != 0 ]] || fail "$what: it is root"
    [[ $what != root ]] || equal "$what: groups" "$(sed -n 's/^Groups:[ \t]*//p' "/proc/$child/status")" ""
    fds=$(find "/proc/$child/fd" -type l -printf '%f:%l\n' | sed 's/\[[0-9]*\]//' | sort)
    equal "$what: descriptors" "$(grep -vE '^[12]:/dev/null$' <<<"$fds" | cut -d: -f2- | sort | tr '\n' ' ')" \
        "$T/fifo $T/s/a.zst socket: "
    exec 8>&-
    wait $! || true
    rm "$T/fifo"
    ! [[ -e /proc/$child ]] || fail "$what: it is still there"
}
if [[ $BUILD != *sanitize* ]]; then
    confined root env
    confined user setpriv --reuid 65533 --regid 65533 --clear-groups
fi

# reads VERB...: the calls of all its processes; the first line is dumpctl's own.
reads() {
    strace -f -y -o "$T/calls" -e trace='read,readv,pread64,preadv,preadv2,mmap,open,openat,seccomp' \
        "$DUMPCTL" "$@" >"$T/out" 2>"$T/err" </dev/null || fail "$*: $(cat "$T/err")"
    local parent
    parent=$(awk 'NR == 1 { print $1 }' "$T/calls")
    awk -v parent="$parent" '
        /open(at)?\(/ { if ($1 in confined) print "opened: " $0; next }
        /seccomp\(.*= 0/ { confined[$1] = 1 }
        /(\.zst|\/core|\/scratch \(deleted\))>/ { if ($1 == parent) print "read by dumpctl: " $0; else if (!($1 in confined) && !threads[$1]++) late[$1] = $0; seen++ }
        END { if (!seen) print "nobody read it" }' "$T/calls" >"$T/wrong"
    [[ ! -s $T/wrong ]] || fail "$*: $(head -3 "$T/wrong")"
}
if [[ $BUILD != *sanitize* ]]; then
    reads list -D "$T/s"
    reads list --json -D "$T/s"
    reads info -D "$T/s"
    reads verify -D "$T/s"
    reads info --memory -D "$T/s"
    reads extract -D "$T/s" -o "$T/core"
    reads refilter "$T/s/a.zst" "$T/again.zst"
    reads refilter "$T/core" "$T/of-a-core.zst"
    reads rm -D "$T/s" --dry-run "$id"
    reads debug -D "$T/s" --no-drop --debugger=/bin/true
    # of the program on disk no more than what tells that it is one
    equal "read of the program" "$(awk -v parent="$(awk 'NR == 1 { print $1 }' "$T/calls")" \
        '$1 == parent && /\/tiny>/ && /p?read(64)?\(/ && $NF > 4' "$T/calls")" ""
    grep -q '/tiny>' "$T/calls" || fail "nobody compared the program with that on disk"
fi

# Five dumps, and a child that dies at its seventh read, again and again: it is named at which, and none is missing.
mkdir "$T/five"
for n in a b c d e; do
    cp "$dump" "$T/five/$n.zst"
    sed -i "1s/$id/${n}${id:1}/" "$T/five/$n.zst"
done
equal "dumps" "$("$DUMPCTL" list --json -D "$T/five" | jq -c '[length, ([.[].state] | unique)]')" '[5,["present"]]'
[[ $BUILD != *sanitize* ]] || exit 0
# dying NUMBER VERB...
dying() {
    strace -f -qq -o /dev/null -e trace=pread64 -e inject=pread64:signal=SEGV:when="$1" "$DUMPCTL" "${@:2}"
}
dying 7 list --json -D "$T/five" >"$T/list"
equal "all are there" "$(jq length "$T/list")" 5
equal "some are read" "$(jq '[.[] | select(.state == "present")] | length > 0' "$T/list")" true
equal "of the others" "$(jq -r '[.[] | select(.state == "damaged") | .reason] | unique[]' "$T/list")" \
    "who read it died of SIGSEGV: it may be made for that"
dying 7 verify -D "$T/five" >"$T/verify" && fail "verify of dumps that kill their reader"
equal "dumps" "$(grep -c '^\(whole\|damaged\)' "$T/verify")" 5
has "$T/verify" 'damaged  .*zst: who read it died of SIGSEGV'
dying 10 extract -D "$T/s" -o "$T/none" >"$T/out" 2>"$T/err" && fail "extract, without a reader"
has "$T/err" "$id \(.*a\.zst\): who read it died of SIGSEGV"
[[ -z $(find "$T" -maxdepth 1 -name 'none*') ]] || fail "extract left something"

# It dies of the core, or of a file on disk: no debugger is started, and nothing is left.
mkdir -m 1777 "$T/tmp"
export TMPDIR=$T/tmp
reads_of_core=$(strace -f -qq -y -e trace=pread64 -o "$T/calls" "$DUMPCTL" debug -D "$T/s" --no-drop --debugger=/bin/true 2>/dev/null &&
    awk '{ n[$1]++ } /\/core>/ { print n[$1] }' "$T/calls" | sed -n '1p;$p' | tr '\n' ' ')
read -r first last <<<"$reads_of_core"
for at in "$first" "$last"; do
    dying "$at" debug -D "$T/s" --no-drop --debugger=/bin/echo >"$T/out" 2>"$T/err" && fail "debug, without a reader"
    has "$T/err" 'cannot read the core: who read it died of SIGSEGV'
    equal "a debugger was started" "$(cat "$T/out")" ""
    equal "left in TMPDIR" "$(find "$T/tmp" -mindepth 1)" ""
done
