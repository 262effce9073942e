# SPDX-License-Identifier: MIT
"""What journal and store say of two programs that crashed under the same PIDs: see 54-pid-reuse.sh.

    reuse.py STORE <ENTRIES     journalctl -o json; prints entries, dumps, unverified, misattributed, opened, theirs

reuse-priv has rights that its user has not, reuse-user has none. Each has its own name in its path, its
directory, its arguments and its environment: the name of the one in what is said of the other, or in its
memory, is a fact of the wrong process.
"""
import json, os, struct, subprocess, sys

USER = 1000
NAMES = (b"reuse-priv", b"reuse-user")
AT_SECURE = 23
wrong = []


def raw(value):
    if isinstance(value, list):
        if value and isinstance(value[0], int):
            return bytes(value)
        return b"\n".join(raw(one) for one in value)
    return b"" if value is None else value.encode()


def secure(auxv):
    for at in range(0, len(auxv) - 15, 16):
        kind, value = struct.unpack_from("QQ", auxv, at)
        if kind == AT_SECURE:
            return value
    return None


def check_entry(entry, name):
    """Return: whether its facts are confirmed."""
    other = NAMES[name == NAMES[0]]
    for field, value in entry.items():
        if other in raw(value):
            wrong.append(f"{field} of {name}: {raw(value)[:200]}")
    auxv = raw(entry.get("COREDUMP_PROC_AUXV"))
    if auxv and secure(auxv) != (name == NAMES[0]):
        wrong.append(f"AT_SECURE of {name} is {secure(auxv)}")
    if entry.get("DUMPD_VERIFIED") == "1":
        return True
    facts = [f for f in entry if f.startswith("COREDUMP_PROC_") or f in ("COREDUMP_CWD", "COREDUMP_ENVIRON")]
    if facts:
        wrong.append(f"unverified {name} has {facts}")
    return False


def record(path):
    with open(path, "rb") as f:
        return json.loads(f.read(16384)[8:].rstrip(b"\0"))


def check_dump(path, name, outcome):
    content = subprocess.run(["zstd", "-dcq", path], stdout=subprocess.PIPE, check=True).stdout
    if b"-of-" + NAMES[name == NAMES[0]] in content:
        wrong.append(f"memory of another in {path}")
    if outcome == "complete" and b"-of-" + name not in content:
        wrong.append(f"no memory of its own in {path}")


def opens(path):
    os.setegid(USER)
    os.seteuid(USER)
    try:
        os.close(os.open(path, os.O_RDONLY))
        return True
    except PermissionError:
        return False
    finally:
        os.seteuid(0)
        os.setegid(0)


def main():
    os.setgroups([])
    entries = dumps = unverified = opened = theirs = 0
    for line in sys.stdin:
        entry = json.loads(line)
        name = raw(entry.get("COREDUMP_COMM"))
        if name in NAMES:
            entries += 1
            unverified += not check_entry(entry, name)
    for file in sorted(os.listdir(sys.argv[1])):
        path = os.path.join(sys.argv[1], file)
        known = record(path)
        name = known["comm"].encode()
        dumps += 1
        check_dump(path, name, known["outcome"])
        if not opens(path):
            continue
        if name == NAMES[1] and known.get("verified") == 1 and known["access"] == "owner":
            theirs += 1
        else:
            opened += 1
    for line in wrong[:20]:
        print(line, file=sys.stderr)
    print(entries, dumps, unverified, len(wrong), opened, theirs)


main()
