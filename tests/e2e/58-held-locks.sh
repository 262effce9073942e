#!/bin/bash
# SPDX-License-Identifier: MIT
# A user who locks whatever they can open, for as long as they like (CVE-2019-11485, CVE-2020-8831): the store, which
# has to be readable, and the dumps that are theirs. Crashes are stored, in slots, with counts, and old dumps go.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need setpriv jq zstd
program owned owned.c -static || fail "owned.c does not build"
install -m 755 "$PROGRAMS/owned" "$T/owned"
# Counts and slots are used, and are not in the way.
UNLIMITED=
dump_config "$T/c" mini "$T/s" "RuntimeDirectory=$T/run" MaxCount=2
AS_USER=(setpriv --reuid=1000 --regid=1000 --clear-groups env)
crash_as_user() {
    crash_direct "$T/c" "${AS_USER[@]}" "$T/owned"
}
crash_as_user
wait_dumps "$T/s" 1
first=$(only_dump "$T/s")
equal "access" "$(field "$first" access)" owner

cat >"$T/lock.py" <<'EOF2'
import fcntl, os, signal, sys
held = []
for top in sys.argv[2:]:
    for path in [top] + [os.path.join(where, name) for where, _, names in os.walk(top) for name in names]:
        for flags in (os.O_RDONLY, os.O_RDWR):
            try:
                fd = os.open(path, flags)
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                held.append(fd)
                print(path, flush=True)
                break
            except OSError:
                pass
open(sys.argv[1], "w").close()
signal.pause()
EOF2
install -d -o 1000 "$T/theirs"
"${AS_USER[@]}" "$PYTHON" "$T/lock.py" "$T/theirs/ready" "$T/s" "$T/run" >"$T/held" 2>"$T/held.err" &
locker=$!
on_exit 'kill $locker 2>/dev/null || true'
wait_for 20 test -e "$T/theirs/ready" || fail "the locker: $(cat "$T/held.err")"
# All that there is to lock: nothing of the runtime directory's.
equal "locked" "$(sort "$T/held" | paste -sd' ')" "$T/s $first"

for n in 1 2 3 4; do
    newest=$(ls -t "$T/s" | sed -n 1p)
    crash_as_user
    newer() { [[ $(ls -t "$T/s" | sed -n 1p) != "$newest" ]]; }
    wait_for 20 newer || fail "crash $n was not stored"
done
two() { (($(dump_count "$T/s") == 2)); }
wait_for 20 two || fail "old dumps stay: $(ls "$T/s")"
[[ ! -e $first ]] || fail "the dump that is locked stays"
equal "outcomes" "$(for dump in "$T/s"/*.zst; do echo "$(field "$dump" type) $(field "$dump" outcome) $(field "$dump" reason)"; done | sort -u)" \
    "mini complete null"
# Held locks are no reason for dumpctl, either.
"$DUMPCTL" vacuum --config="$T/c" --max-count=1 >"$T/out"
has "$T/out" '^vacuum: 1 dumps removed, .* 1 dumps of .* stay$'
