#!/bin/bash
# SPDX-License-Identifier: MIT
# Every byte from 1 to 255 in a program's name and in its arguments, and none to 200 arguments: the file's name is
# one, the bytes can be had back, the journal's entry has the fields of any other, and a terminal shows text.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need journalctl jq zstd
program frames frames.c || fail "frames.c does not build"
journal_start
dump_config "$T/c" mini "$T/s"
install -m 755 "$PROGRAMS/frames" "$T/f"

# As Python runs them: a shell's strings are text. The kernel makes '!' of '/', and '!.' of '..'.
cat >"$T/run.py" <<'EOF2'
import os, sys
program = sys.argv[1].encode()
all_bytes = bytes(range(1, 256))
runs = [[b"comm", all_bytes[i:i + 15]] for i in range(0, 255, 15)]
runs += [[b"segv", all_bytes], [b"segv"] + [bytes([b]) for b in all_bytes]]
runs += [[b"segv"] + [b"\x1b[31m\n=%d" % i for i in range(n)] for n in (0, 1, 2, 50, 199, 200)]
runs += [[b"segv", b"DUMPD_FILE=/etc/shadow\nMESSAGE=x\n\nPRIORITY=0"], [b"comm", b"a\nDUMPD_ID=b\n"]]
for run in runs:
    pid = os.posix_spawn(program, [program] + run, {})
    os.waitpid(pid, 0)
print(len(runs))
EOF2
PIPE_LIMIT=64 crash_direct "$T/c" "$PYTHON" "$T/run.py" "$T/f"
n=$(cat "$T/direct.out")
equal "runs" "$n" 27
wait_dumps "$T/s" "$n"

# Names: what they are made of, all different, and each comm out of its name is the record's.
find "$T/s" -name '*.zst' -printf '%f\n' >"$T/names"
equal "names" "$(grep -cE '^[A-Za-z0-9_.+%-]{1,200}$' "$T/names") $(sort -u "$T/names" | wc -l)" "$n $n"
"$PYTHON" - "$T/s" >"$T/seen" <<'EOF2' || fail "names and records"
import json, os, re, sys, urllib.parse
seen = set()
for name in os.listdir(sys.argv[1]):
    with open(os.path.join(sys.argv[1], name), "rb") as f:
        record = json.loads(f.read(16384)[8:].rstrip(b"\0"))
    undo = lambda text: re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m[1], 16)]), text.encode())
    comm = urllib.parse.unquote_to_bytes(name.split(".")[1])
    assert comm == undo(record["comm"]), (comm, record["comm"])
    seen |= set(comm)
    cmdline = b"\n".join(undo(text) for text in record["arguments"])
    if len(cmdline) > 500:
        assert all(bytes([b]) in cmdline for b in range(1, 256)) or b"\x1b[31m\n=49" in cmdline, cmdline
print(len(seen | {ord("/")}))
EOF2
equal "bytes seen in names" "$(cat "$T/seen")" 255

# The journal: no field more or less than a harmless crash has.
has_entries() {
    journalctl --sync >/dev/null 2>&1 || true
    journalctl -q --no-pager -o export --all MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1 \
        COREDUMP_EXE="$T/f" >"$T/export"
    "$PYTHON" "$E2E/export.py" <"$T/export" >"$T/fields"
    (($(wc -l <"$T/fields") >= n))
}
wait_for 20 has_entries || fail "$(wc -l <"$T/fields") entries of $n crashes"
equal "entries" "$(wc -l <"$T/fields")" "$n"
equal "kinds of entries: $(cut -d' ' -f2 "$T/fields" | sort | uniq -c | paste -sd,)" \
    "$(cut -d' ' -f2,3 "$T/fields" | sort -u | wc -l)" 1
grep -q 'COREDUMP_CMDLINE.*COREDUMP_COMM.*DUMPD_ID' "$T/fields" || fail "no entry of ours"
hasnt "$T/fields" 'DUMPD_FILE|DUMPD_ID,DUMPD_ID'

# A terminal, not a pipe: dumpctl may do more there. It gets newlines and tabs, and no other control character.
cat >"$T/terminal.py" <<'EOF2'
import os, pty, sys
shown = b""
def take(fd):
    global shown
    data = os.read(fd, 65536)
    shown += data
    return data
status = pty.spawn(sys.argv[1:], take)
shown = shown.replace(b"\r\n", b"\n")
bad = [b for b in shown if b < 32 and b not in b"\n\t" or b == 127]
bad += [c for c in shown.decode("utf-8", "strict") if 0x80 <= ord(c) < 0xa0]
sys.exit(f"{len(bad)} control characters of {len(shown)} in {sys.argv[2:]}: {bad[:9]}" if bad or status or len(shown) < 500 else 0)
EOF2
for verb in list "info -n 99"; do
    # shellcheck disable=SC2086
    TERM=xterm COLUMNS=80 "$PYTHON" "$T/terminal.py" "$DUMPCTL" $verb -D "$T/s" >"$T/out" 2>"$T/err" </dev/null ||
        fail "a terminal: $(cat "$T/err")"
done
