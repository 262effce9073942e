# SPDX-License-Identifier: MIT
"""Secrets that nobody can have by chance, and where they are all the same.

    secrets.py make N FILE        N of them, 48 letters each, one behind the other
    secrets.py find FILE PATH...  a line for each PATH and secret that has 6 letters in a row of it,
                                  whatever zeros are between (UTF-16, UTF-32); a directory stands
                                  for its files
    secrets.py whole FILE PATH    fails unless PATH has all of them whole: that there is something to find
"""
import os
import random
import string
import sys

SIZE = 48
PART = 6


def make(count, path):
    letters = random.SystemRandom().choices(string.ascii_letters + string.digits, k=int(count) * SIZE)
    with open(path, "w", encoding="ascii") as out:
        out.write("".join(letters))


def secrets(path):
    with open(path, encoding="ascii") as text:
        whole = text.read()
    return [whole[at:at + SIZE] for at in range(0, len(whole), SIZE)]


def files(paths):
    for path in paths:
        if os.path.isdir(path):
            for directory, _, names in os.walk(path):
                yield from (os.path.join(directory, name) for name in names)
        else:
            yield path


def read(path):
    """What is in a file, and in its extended attributes."""
    with open(path, "rb") as file:
        data = file.read()
    return b"\0".join([data] + [os.getxattr(path, name) for name in os.listxattr(path)])


def find(path, paths):
    """Every part that begins at a multiple of PART: 11 letters in a row hold one."""
    found = 0
    for name in files(paths):
        data = read(name).replace(b"\0", b"")
        for number, secret in enumerate(secrets(path)):
            parts = [secret[at:at + PART] for at in range(0, SIZE, PART)]
            hits = [part for part in parts if part.encode() in data]
            if hits:
                print(f"{name}: secret {number}: {hits}")
            found += len(hits)
    return found


def whole(path, name):
    data = read(name)
    missing = [n for n, secret in enumerate(secrets(path)) if secret.encode() not in data]
    if missing:
        print(f"{name} lacks secrets {missing}")
    return len(missing)


def main():
    verb, *arguments = sys.argv[1:]
    if verb == "make":
        make(*arguments)
        return 0
    return (find(arguments[0], arguments[1:]) if verb == "find" else whole(*arguments)) > 0


sys.exit(main())
