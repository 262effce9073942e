#!/bin/bash
# SPDX-License-Identifier: MIT
# A look at the memory of the process that crashed, and of no other: what the plan was made
# with, and that the process does not grow by it.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need zstd jq
program frames frames.c || fail "frames.c does not build"
program bigheap bigheap.c -pthread || fail "bigheap.c does not build"
BLIND="planned without a look at memory"

# The kernel's own pipe, with every fact and with the fewest.
for form in "$LONG_FORM" "%P %s %e"; do
    name=form${#form}
    dump_config "$T/$name.conf" mini "$T/$name"
    PATTERN_FORM=$form crash_direct "$T/$name.conf" "$PROGRAMS/frames" segv
    wait_dumps "$T/$name" 1
    dump=$(only_dump "$T/$name")
    equal "$form: outcome" "$(field "$dump" outcome)" complete
    equal "$form: reason" "$(field "$dump" reason)" null
    planning=$(field "$dump" planning)
    ((planning > 0 && planning <= $(field "$dump" duration))) || fail "planning took $planning µs"
    "$DUMPCTL" info -D "$T/$name" >"$T/info"
    has "$T/info" "Took: [0-9.]+ s, of which [0-9.]+ s to plan"
done

# A core in a file is a window on itself.
crash "$T/one" full "$PROGRAMS/frames" segv
core=$T/one/kernel.core
dump_config "$T/file.conf" mini "$T/file"
replay "$T/file.conf" "$core"
one_of "file: exit" "$REPLAY_STATUS" 0 4
equal "file: reason" "$(field "$(only_dump "$T/file")" reason)" null

# A core through a pipe that somebody else feeds: of no process, of one that does not dump.
# fed NAME PID REASON
fed() {
    local status=0 dump
    dump_config "$T/$1.conf" mini "$T/$1"
    cat "$core" | "$DUMPD" --config="$T/$1.conf" "$2" 11 frames 2>"$T/$1.err" || status=$?
    one_of "$1: exit" "$status" 0 4
    dump=$(only_dump "$T/$1")
    equal "$1: outcome" "$(field "$dump" outcome)" complete
    equal "$1: reason" "$(field "$dump" reason)" "$BLIND: $3"
}
fed gone "$(gone_pid)" "PID names no process that dumps core"
fed alive $$ "PID names no process that dumps core"

# And of one that dumps, with the core of another.
export DUMPD T core
cat >"$T/other.sh" <<'END'
"$1" segv &
crashed=$!
until [[ -e k/paused ]]; do sleep 0.01; done
cat "$core" | "$DUMPD" --config="$T/other.conf" "$crashed" 11 frames 2>"$T/other.err"
echo $? >"$T/other.rc"
rm k/paused
wait "$crashed"
END
dump_config "$T/other.conf" mini "$T/other"
mkdir -p "$T/k"
: >"$T/k/pause"
crash "$T/k" mini bash "$T/other.sh" "$PROGRAMS/frames"
one_of "other: exit" "$(cat "$T/other.rc")" 0 4
equal "other: reason" "$(field "$(only_dump "$T/other")" reason)" \
    "$BLIND: PID names another process: its AT_ vector is not the core's"
equal "the process itself: reason" "$(field "$(only_dump "$T/k/mini")" reason)" null

# The process is as large afterwards as before: 64 MiB that it never touched, text of libraries
# that it never ran. (The kernel itself may load a page of a file or two for the dump.)
cat >"$T/h" <<END
#!/bin/sh
cut -d' ' -f2 /proc/\$1/statm >$T/before
$DUMPD --config=$T/size.conf "\$@" 2>$T/size.err
echo \$? >$T/size.rc
cut -d' ' -f2 /proc/\$1/statm >$T/after
: >$T/size.done
END
chmod 755 "$T/h"
dump_config "$T/size.conf" heap "$T/size"
with_pattern "|$T/h $LONG_FORM" "$PROGRAMS/bigheap" >"$T/size.out" 2>&1 || true
wait_for 60 test -e "$T/size.done" || fail "no core"
one_of "size: exit" "$(cat "$T/size.rc")" 0 4
equal "size: reason" "$(field "$(only_dump "$T/size")" reason)" null
grown=$(($(cat "$T/after") - $(cat "$T/before")))
(($(cat "$T/before") > 16000)) || fail "the process was not there: $(cat "$T/before") pages"
((grown < 64)) || fail "the process has grown by $grown pages"
