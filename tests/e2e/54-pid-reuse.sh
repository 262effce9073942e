#!/bin/bash
# SPDX-License-Identifier: MIT
# A process is killed while its dump is made, and another has its PID at once (CVE-2025-4598, CVE-2025-5054,
# CVE-2019-15790, CVE-2020-15702): a privileged one's place is taken by its user's, and the other way round. No
# record has a fact of the other, no dump its memory, and what its user may not read stays so.
#
#   ROUNDS=10000 tests/e2e/54-pid-reuse.sh    as many as that; SEED=N repeats one
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need journalctl jq zstd pgrep
ROUNDS=${ROUNDS:-200}
SEED=${SEED:-$$}
BATCH=200
program reuse reuse.c || fail "reuse.c does not build"
program owned owned.c -static || fail "owned.c does not build"
journal_start

for name in reuse-priv reuse-user; do
    mkdir "$T/$name"
    install -m 755 "$PROGRAMS/owned" "$T/$name/$name"
done
chmod 4755 "$T/reuse-priv/reuse-priv"
dump_config "$T/c" mini "$T/s" StoreEnvironment=yes
journalctl -q --cursor-file="$T/cursor" -n 0 >/dev/null 2>&1 || true

done=0 replaced=0
total=(0 0 0 0 0 0)
while ((done < ROUNDS)); do
    n=$((ROUNDS - done < BATCH ? ROUNDS - done : BATCH))
    # With 2, as set-up has it: the privileged one is dumped, for root.
    PIPE_LIMIT=64 SUID_DUMPABLE=2 crash_direct "$T/c" "$PROGRAMS/reuse" $n $((SEED + done)) "$T"
    equal "reuse: status" "$CRASH_STATUS" 0
    replaced=$((replaced + $(cat "$T/direct.out")))
    while pgrep -f "^$T/d --config" >/dev/null; do sleep 0.05; done
    journalctl --sync >/dev/null 2>&1 || true
    journalctl -q --no-pager -o json --all --cursor-file="$T/cursor" \
        MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1 >"$T/entries" || fail "journalctl"
    "$PYTHON" "$E2E/reuse.py" "$T/s" <"$T/entries" >"$T/figures" || fail "reuse.py"
    read -ra figures <"$T/figures"
    for i in "${!total[@]}"; do
        total[i]=$((total[i] + figures[i]))
    done
    find "$T/s" -type f -delete
    done=$((done + n))
done
read -r entries dumps unverified misattributed opened theirs <<<"${total[*]}"
equal "misattributed (seed $SEED)" "$misattributed" 0
equal "opened (seed $SEED)" "$opened" 0
# Each round has the heir's crash at least, and the attack came in time for some.
((replaced * 10 >= ROUNDS * 9)) || fail "only $replaced of $ROUNDS were replaced"
((entries >= replaced && entries <= 2 * ROUNDS)) || fail "$entries entries of $ROUNDS rounds"
((unverified > 0)) || fail "no process was killed while its facts were read: nothing was tried"
((theirs > 0)) || fail "its user may read no dump of reuse-user"
echo "seed $SEED: replaced $replaced, records $entries, readable by their user $theirs"
echo "rounds $ROUNDS, dumps $dumps, unverified $unverified, misattributed $misattributed, opened $opened"
