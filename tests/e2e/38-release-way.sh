#!/bin/bash
# SPDX-License-Identifier: MIT
# Which way a process is released, and why: by its size, by what its mappings refer to, by who else has its memory.
# The record says it, and so does `dumpctl info`. Interpreters are released early.
set -eu
. "$(dirname "$0")/release.sh"

need_root
need "$PYTHON"
program refers refers.c -D_GNU_SOURCE || fail "refers.c does not build"
journal_start
small=4

# way NAME TYPE WAY REASON COMMAND...
way() {
    local name=$1 type=$2 expected=$3 reason=$4 try
    shift 4
    for ((try = 0; try < TRIES; try++)); do
        crash_of "$name" "$type" "$@"
        overtaken "$dump" || break
    done
    equal "$name: way" "$(way_of "$dump")" "$expected: $reason"
    equal "$name: outcome" "$(field "$dump" outcome)" complete
}

crash_of() { # NAME TYPE COMMAND...: sets dump
    local name=$1 type=$2 dir=$T/way
    shift 2
    rm -rf "$dir"
    dump_config "$T/conf" "$type" "$dir" "${CONFIG_LINES[@]}"
    crash_direct "$T/conf" "$@"
    # 0: who crashed is a child of it
    ((CRASH_STATUS == 0 || CRASH_STATUS > 128)) ||
        fail "$name: ended with $CRASH_STATUS: $(cat "$T/direct.out")"
    wait_dumps "$dir" 1
    dump=$(only_dump "$dir")
}

early="what changes as it ends was copied first"
little="what is kept of it is small"
for mib in $small $LARGE_MIB; do
    if ((mib == small)); then
        good=copied why=$little
    else
        good=early why=$early
    fi
    refers=("$PROGRAMS/refers")
    # a way for each that does not depend on the size, and one that does
    way "nothing, $mib" heap $good "$why" "${refers[@]}" nothing $mib x
    way "a file, $mib" heap $good "$why" "${refers[@]}" file $mib "$T/file"
    way "a POSIX lock, $mib" heap $good "$why" "${refers[@]}" posix $mib "$T/file"
    way "SysV, $mib" heap held "it maps a System V shared memory segment" "${refers[@]}" sysv $mib x
    way "a socket, $mib" heap held "it maps a socket" "${refers[@]}" socket $mib x
    way "flock, $mib" heap held "it maps a file that it has locked" "${refers[@]}" flock $mib "$T/file"
    way "an OFD lock, $mib" heap held "it maps a file that it has locked" "${refers[@]}" ofd $mib "$T/file"
done
way "a little of much" mini copied "$little" "${refers[@]}" nothing $LARGE_MIB x
way "shared memory" full early "$early" "${refers[@]}" shared $LARGE_MIB x
way "much of that" full copied "much of its memory is shared, or of files" "${refers[@]}" much $LARGE_MIB x
CONFIG_LINES=(ReleaseEarly=no)
way "ReleaseEarly=no" heap held "ReleaseEarly=no" "${refers[@]}" nothing $LARGE_MIB x
CONFIG_LINES=()

"$DUMPCTL" info -D "$T/way" refers >"$T/info"
has "$T/info" '^ *Released: copied first, memory freed by the process itself: ReleaseEarly=no$'

if release_program vfork_child; then
    way "vfork" heap copied "another process shares its memory" "$PROGRAMS/vfork_child" $LARGE_MIB 3
    field "$dump" reason >"$T/reason"
    has "$T/reason" '^its memory is shared with PID [0-9]+ \(vfork_child\), which waited for its end$'
fi
if release_program sibling; then
    way "CLONE_VM" heap copied "another process shares its memory" "$PROGRAMS/sibling" after $LARGE_MIB
    field "$dump" reason >"$T/reason"
    has "$T/reason" '^its memory is shared with PID [0-9]+ \(sibling\), which ran on$'
fi
if program refers.32 refers.c -D_GNU_SOURCE -m32; then
    way "32 bits" heap copied "it is a 32-bit process: where its robust futexes are is unknown" \
        "$PROGRAMS/refers.32" nothing $LARGE_MIB x
fi

# They map gconv's cache and hsperfdata, which others have, too.
LC_ALL=C.UTF-8 way Python heap early "$early" /usr/bin/python3 -c "
import os, ctypes, codecs
codecs.lookup('iso8859-15')
x = [str(i) * 20 for i in range(400000)]
os.abort()"
# The child has none of it in memory of its own: it counts as small where others are asked.
way "memory of the parent's" full copied "only its parent was asked whether it shares its memory" /usr/bin/python3 -c "
import mmap, os
m = mmap.mmap(-1, 80 << 20)
m.write(bytes([1]) * (80 << 20))
if os.fork() == 0:
    os.abort()
os.wait()"
if command -v java >/dev/null; then
    cat >"$T/Ends.java" <<'END'
public class Ends {
    static byte[][] kept = new byte[48][];
    public static void main(String[] arguments) throws Exception {
        for (int i = 0; i < kept.length; i++) {
            kept[i] = new byte[1 << 20];
            java.util.Arrays.fill(kept[i], (byte) 7);
        }
        new ProcessBuilder("/bin/kill", "-ABRT", "" + ProcessHandle.current().pid()).start();
        Thread.sleep(60000);
    }
}
END
    way Java heap early "$early" java -Xmx128m -XX:ErrorFile="$T/hs_err" "$T/Ends.java"
fi
