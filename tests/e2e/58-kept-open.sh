#!/bin/bash
# SPDX-License-Identifier: MIT
# A user opens each dump as soon as it has a name, and keeps the descriptor. The handler, vacuum and rm free the blocks
# of what they remove all the same, so that the store stays below MaxUse.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
program noise noise.c || fail "noise.c does not build"
S=$T/s
dump_config "$T/c" full "$S" MaxUse=16M

cat >"$T/keeper.py" <<'EOF'
import os, sys, time
store, told = sys.argv[1:]
kept = {}
while not os.path.exists(told + ".end"):
    for name in os.listdir(store):
        if name not in kept:
            try:
                kept[name] = os.open(os.path.join(store, name), os.O_RDONLY)
            except OSError:
                pass
    time.sleep(0.01)
gone = [os.fstat(fd) for fd in kept.values() if os.fstat(fd).st_nlink == 0]
with open(told, "w") as out:
    print(len(gone), sum(one.st_blocks for one in gone) * 512, file=out)
EOF
"$PYTHON" "$T/keeper.py" "$S" "$T/told" &
keeper=$!

for _ in {1..10}; do
    with_pattern "|$DUMPD --config=$T/c $LONG_FORM" "$PROGRAMS/noise" 4 2>/dev/null || true
done
wait_for 20 bash -c '! pgrep -f "^$1 --config=$2 " >/dev/null' - "$DUMPD" "$T/c" || fail "a handler does not end"
sleep 0.1
count=$(find "$S" -name '*.zst' | wc -l)
((count >= 1 && count < 10)) || fail "$count dumps are there: nothing was removed"
newest=$(find "$S" -name '*.zst' -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2)
mkdir "$T/copies"
ln "$newest" "$T/copies/copy.zst"
"$DUMPCTL" rm -D "$S" --all noise >/dev/null
touch "$T/told.end"
wait "$keeper"
read -r gone bytes <"$T/told"
echo "of $gone removed dumps that somebody has open $bytes bytes are left, and $count were there"
((gone >= 8)) || fail "only $gone dumps were kept open"
# A block of each has the attributes.
((bytes <= gone * 4096)) || fail "$bytes bytes of $gone removed files are left"
"$DUMPCTL" verify -D "$T/copies" >"$T/verify" || fail "an administrator's copy was emptied"
has "$T/verify" 'verify: 1 dumps, 1 whole'

# What is left of a dump when its remover was killed is none.
: >"$S/core.left.zst"
"$DUMPCTL" list -D "$S" >"$T/list" 2>&1 || true
hasnt "$T/list" 'left|damaged'
"$DUMPCTL" verify -D "$S" >"$T/verify" 2>&1 || true
hasnt "$T/verify" 'left|damaged: '
touch -d '2 minutes ago' "$S/core.left.zst"
"$DUMPCTL" vacuum --config="$T/c" >"$T/vacuum" 2>&1
[[ ! -e $S/core.left.zst ]] || fail "vacuum leaves an empty file: $(cat "$T/vacuum")"
