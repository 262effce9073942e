#!/bin/bash
# SPDX-License-Identifier: MIT
# A user who makes links, and renames, as fast as it goes, while programs crash: in the crashed program's directory, in
# /tmp, above a store in a place of theirs, and at the store itself (CVE-2015-3315, CVE-2015-1338, CVE-2020-8833,
# CVE-2021-32557 and their kind). Nothing outside the store changes.
#
#   ROUNDS=10000 tests/e2e/55-link-races.sh    so many crashes
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need setpriv jq zstd pgrep
ROUNDS=${ROUNDS:-100}
BATCH=100
tiny_program
crash "$T/good" full "$PROGRAMS/tiny"

# What must not change, and is worth something: directories of root's, one with the store's own name.
mkdir -p "$T/target/store" "$T/target/cron.d"
echo secret >"$T/target/shadow"
outside() {
    find "$T/target" -printf '%p %i %m %U %G %s %n %T@\n' | sort
}
outside >"$T/outside"

# The attacker's: the current directory of what crashes, and one with a store in it.
install -d -o 1000 -g 1000 "$T/theirs" "$T/theirs/above"
install -d "$T/theirs/above/store"
ln -s "$T" "$T/theirs/there"
cat >"$T/attack.py" <<'EOF2'
import itertools, os, sys
home, target, store, stop = sys.argv[1:]
os.chdir(home)
def quietly(call, *arguments):
    try:
        call(*arguments)
    except OSError:
        return 0
    return 1
counts = {"made": 0, "in the store": 0}
names = ["core", "core.tiny", ".#core", "vmcore", "coredump", "core.zst"]
for i in itertools.count():
    if os.path.exists(stop):
        break
    name = names[i % len(names)]
    for where in (home, "/tmp"):
        path = f"{where}/{name}" if where == home else f"/tmp/{name}.{os.getpid()}"
        counts["made"] += quietly(os.symlink, target + "/shadow", path)
        quietly(os.rename, path, path + ".x")
        quietly(os.link, path + ".x", path)
        quietly(os.unlink, path)
        quietly(os.unlink, path + ".x")
    # "above" is a directory with the store in it, and a link to where another "store" is, in turn.
    quietly(os.rename, "above", "aside")
    quietly(os.symlink, target, "above")
    quietly(os.unlink, "above")
    quietly(os.rename, "aside", "above")
    # And at the store itself, with what is in it.
    for entry in os.listdir(store)[-3:]:
        counts["in the store"] += quietly(os.rename, f"{store}/{entry}", f"{store}/x.zst")
        counts["in the store"] += quietly(os.unlink, f"{store}/{entry}")
        counts["in the store"] += quietly(os.link, f"{store}/{entry}", f"{store}/y.zst")
    counts["in the store"] += quietly(os.symlink, target + "/shadow", f"{store}/z.zst")
    counts["in the store"] += quietly(os.rename, store, store + ".gone")
print(counts["made"], counts["in the store"])
EOF2
dump_config "$T/c" mini "$T/store"
# Nothing of the attack may be left over in /tmp.
on_exit 'touch "$T/stop"; wait ${ATTACKER:-} 2>/dev/null || true'
setpriv --reuid=1000 --regid=1000 --clear-groups "$PYTHON" "$T/attack.py" "$T/theirs" "$T/target" "$T/store" "$T/stop" \
    >"$T/attack" 2>"$T/attack.err" &
ATTACKER=$!

crashes() {
    local i
    cd "$T/theirs" || exit 1
    for ((i = 0; i < $1; i++)); do
        setpriv --reuid=1000 --regid=1000 --clear-groups "$PROGRAMS/tiny" || true
    done
}
export -f crashes
export T PROGRAMS
install -m 755 "$PROGRAMS/tiny" "$T/tiny"
PROGRAMS=$T
done=0 dumps=0
while ((done < ROUNDS)); do
    n=$((ROUNDS - done < BATCH ? ROUNDS - done : BATCH))
    PIPE_LIMIT=64 crash_direct "$T/c" bash -c "crashes $n" 2>/dev/null
    while pgrep -f "^$T/d --config" >/dev/null; do sleep 0.05; done
    equal "dumps of a batch" "$(dump_count "$T/store")" "$n"
    equal "what is no dump of root's" "$(find "$T/store" -mindepth 1 ! \( -type f -user root -links 1 -name 'core.tiny.*.zst' \))" ""
    equal "outcomes" "$(for d in "$T/store"/*.zst; do field "$d" outcome; done | sort -u)" complete
    find "$T/store" -type f -delete
    dumps=$((dumps + n)) done=$((done + n))
done

# A store in the attacker's place, by both ways to it: refused each time, whatever "above" is just then.
for place in theirs/above/store theirs/there/theirs/above/store; do
    printf '[Dump]\nType=full\nDirectory=%s\n%s\n' "$T/$place" "$UNLIMITED" >"$T/bad.conf"
    for ((i = 0; i < 30; i++)); do
        replay "$T/bad.conf" "$T/good/kernel.core"
        one_of "exit code" "$REPLAY_STATUS" 3 5
        has "$T/replay.err" 'above the store|does not exist'
    done
done

touch "$T/stop"
wait "$ATTACKER" || fail "the attacker failed: $(tail -2 "$T/attack.err")"
read -r made inside <"$T/attack"
((made > 100)) || fail "the attacker made $made links: nothing was tried"
equal "changes in the store by a user" "$inside" 0
outside >"$T/now"
same_text "$T/outside" "$T/now"
equal "the store in their place" "$(find "$T/theirs" -path '*store/*')" ""
echo "crashes $ROUNDS, dumps $dumps, links made $made, changes outside the store 0"
