#!/bin/bash
# SPDX-License-Identifier: MIT
# The table that Python writes by hand.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/hints.sh"

need_root
need jq zstd
[[ -x $PYTHON ]] || skip "$PYTHON is not installed"
example_start py "$PYTHON" "$HINTS/examples/dumpd_hints.py"
example_stop
example_crash py "full mini" "$PYTHON" "$HINTS/examples/dumpd_hints.py" crash
equal "status" "$CRASH_STATUS" 134
for s in "$T/py.said" "$T/py/out"; do
    {
        echo "secret $(said "$s" secret) 0 longer"
        echo "keep $(said "$s" keep) 2 state"
        echo "text $(said "$s" text) 0 why"
    } | sort >"$s.want"
done
sort "$T/py.table" | grep -v '^table 1024$' >"$T/table"
same_text "$T/table" "$T/py.said.want"
grep -v '^found\|^says' "$T/py/hints" | sort >"$T/hints"
same_text "$T/hints" "$T/py/out.want"
has "$T/py/hints" '^says why: order 4711 has no customer$'

# What the interface promises.
PYTHONPATH=$HINTS/examples "$PYTHON" - <<'EOP' || fail "dumpd_hints.py"
import array, os, threading
import dumpd_hints

table = dumpd_hints.Table(capacity=2)
words = array.array("I", [1, 2, 3])
first = table.keep(words)
second = table.secret(memoryview(bytearray(8))[2:5], tag="a tag that is longer than its field")
try:
    table.drop(words)
    raise SystemExit("a full table takes more")
except OSError as error:
    assert error.errno == 28
try:
    words.append(4)
    raise SystemExit("what is named can be moved")
except BufferError:
    pass
first.remove()
first.remove()
words.append(4)
entry = table._map[64 + 64 : 64 + 128]
assert entry[0] == 2 and entry[4] == 4 and entry[16] == 3 and entry[54:56] == b"h\0", entry
for wrong in bytearray(), b"read only", "text":
    try:
        table.secret(wrong)
        raise SystemExit(f"takes {wrong!r}")
    except (ValueError, TypeError):
        pass
assert table._unused == [0]

many = dumpd_hints.Table(capacity=8)
def hammer():
    mine = bytearray(16)
    for _ in range(2000):
        with many.secret(mine):
            pass
threads = [threading.Thread(target=hammer) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert sorted(many._unused) == list(range(8))
assert not any(many._map[64 + 64 * i] for i in range(8))
EOP
