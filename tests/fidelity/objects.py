# SPDX-License-Identifier: MIT
"""For walk.py, inside gdb: the objects of the process, and the variables of the program's own.

Variables are those of the symbol tables, because gdb has no list of them for Python and the
symbol table has them all, with sizes. An object that is loaded twice (dlmopen) is two.
"""
import os
import re
import subprocess

import gdb

# An interpreter has some thousands; more would be generated tables, and tell the same again.
SYMBOLS_MAX = 20000


class Symbols:
    """Of a file: where .text and the entry are, the variables, the thread-local variables."""

    def __init__(self, path):
        self.text = self.entry = 0
        self.variables, self.thread_local = [], []
        header = readelf("-h", path)
        self.pie = "DYN (" in header
        found = re.search(r"Entry point address:\s*(0x[0-9a-f]+)", header)
        self.entry = int(found[1], 16) if found else 0
        found = re.search(r" \.text\s+PROGBITS\s+([0-9a-f]+)", readelf("-S", path))
        self.text = int(found[1], 16) if found else 0
        for line in readelf("-s", debug_file(path)).splitlines():
            self.add(line.split())

    def add(self, words):
        if len(words) < 8 or words[6] in ("UND", "Ndx"):
            return
        value, size, kind, name = int(words[1], 16), int(words[2], 0), words[3], words[7]
        if kind == "OBJECT" and size and len(self.variables) < SYMBOLS_MAX:
            self.variables.append((name, value, size))
        elif kind == "TLS" and size:
            self.thread_local.append(name)


def readelf(option, path):
    return subprocess.run(["readelf", "-W", option, path], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def debug_file(path):
    """Where a distribution put the symbol table of an object that is stripped."""
    found = re.search(r"Build ID: ([0-9a-f]{2})([0-9a-f]+)", readelf("-n", path))
    debug = found and f"/usr/lib/debug/.build-id/{found[1]}/{found[2]}.debug"
    return debug if debug and os.path.exists(debug) else path


def libraries():
    """[from, to, path] as gdb lists them, in its order."""
    text = gdb.execute("info sharedlibrary", to_string=True)
    return [list(found) for found in
            re.findall(r"^(0x[0-9a-f]+)\s+(0x[0-9a-f]+)\s+(?:Yes|No).*?(/\S+)$", text, re.M)]


def entry_point():
    found = re.search(r"AT_ENTRY .*?(0x[0-9a-f]+)", gdb.execute("info auxv", to_string=True))
    return int(found[1], 16) if found else 0


class Objects:
    """own: {name: (base, Symbols, objfile)}; names differ where one file is loaded twice."""

    def __init__(self, pattern):
        self.libraries = libraries()
        self.own = {}
        exe = gdb.current_progspace().filename
        symbols = Symbols(exe)
        self.own[exe] = (entry_point() - symbols.entry if symbols.pie else 0, symbols)
        for start, _, path in self.libraries:
            if pattern and re.search(pattern, path):
                symbols = Symbols(path)
                base = int(start, 16) - symbols.text
                self.own[f"{path}@{len(self.own)}"] = (base, symbols)

    def variables(self, values):
        found = {}
        for name, (base, symbols) in self.own.items():
            for variable, value, size in symbols.variables:
                found[f"{name}:{variable}@{value:x}"] = values.at(base + value, size)
        return found

    def objfiles(self, path):
        return [o for o in gdb.objfiles() if o.filename == path]

    def thread_local(self, values, extra):
        """Of the thread that is selected; extra: expressions, evaluated in its first frame."""
        found = {}
        for path in sorted({name.split("@")[0] for name in self.own}):
            symbols = next(s for n, (_, s) in self.own.items() if n.split("@")[0] == path)
            for number, objfile in enumerate(self.objfiles(path)):
                for name in symbols.thread_local:
                    found[f"{path}@{number}:{name}"] = variable_of(objfile, name, values)
        for text in extra:
            found[text] = expression(text, values)
        return found


def variable_of(objfile, name, values):
    symbol = objfile.lookup_global_symbol(name) or objfile.lookup_static_symbol(name)
    if symbol is None:
        return ["-", "no such symbol"]
    try:
        return values.of(symbol.value())[0]
    except gdb.error as error:
        return ["?", str(error)]


def expression(text, values):
    try:
        return values.of(gdb.parse_and_eval(text))[0]
    except gdb.error as error:
        return ["?", str(error)]
