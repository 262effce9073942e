# SPDX-License-Identifier: MIT
"""For walk.py, inside gdb: what a value is, byte for byte, and where its pointers lead.

Bytes and not gdb's text, because text of a structure mixes in the strings that its members
point to, and because bytes leave no doubt. A value is one of
    ["b", PIECE, ...]   memory, a piece for each page: its bytes, or null where they cannot be read
    ["t", TEXT]         a value in registers, or computed
    ["?", WHY]          memory to find the value by cannot be read
    ["-", WHY]          gdb has none: optimized out, for example
"""
import hashlib

import gdb

PAGE = 4096
# gdb shows 200 elements of an array and 200 characters of a string; a local table of
# megabytes would cost more to compare than it tells.
VALUE_MAX = 1 << 20
STRING_MAX = 200
# Of one value: a table of ten thousand pointers is one value, and not the only one that counts.
POINTERS_MAX = 64
ELEMENTS_MAX = 16
MARKS = ("Cannot access memory", "<unavailable>", "<error", "Unable to read")


class Memory:
    """Whole pages are read once; where a page is not all there, exactly what is asked for."""

    def __init__(self):
        self.inferior = gdb.selected_inferior()
        self.pages = {}

    def exact(self, address, size):
        try:
            return bytes(self.inferior.read_memory(address, size))
        except (gdb.error, OverflowError, ValueError):
            return None

    def read(self, address, size):
        """Of one page."""
        page = address & -PAGE
        if page not in self.pages:
            self.pages[page] = self.exact(page, PAGE)
        data = self.pages[page]
        if data is None:
            return self.exact(address, size)
        return data[address - page:address - page + size]

    def pieces(self, address, size):
        end = address + min(size, VALUE_MAX)
        while address < end:
            size = min(end, (address & -PAGE) + PAGE) - address
            yield self.read(address, size)
            address += size

    def text(self, address, size):
        """To its end, which is before memory that cannot be read. gdb reads one by one there, too."""
        data = b""
        while len(data) < size and 0 not in data:
            byte = self.exact(address + len(data), 1)
            if byte is None:
                return None
            data += byte
        return data

    def string(self, address):
        """As far as gdb shows it, with its end."""
        pieces, end = [], address
        for data in self.pieces(address, STRING_MAX):
            start, end = end, min(address + STRING_MAX, (end & -PAGE) + PAGE)
            if data is None:
                data = self.text(start, end - start)
            if data is not None and 0 in data:
                pieces.append(data[:data.index(0) + 1])
                break
            pieces.append(data)
        return pieces


def brief(data):
    if data is None or len(data) <= 32:
        return None if data is None else data.hex()
    return f"{data[:16].hex()}..{hashlib.blake2b(data, digest_size=8).hexdigest()}"


def plain(type_):
    return type_.strip_typedefs().unqualified()


def is_pointer(type_):
    return type_.code in (gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_REF, gdb.TYPE_CODE_RVALUE_REF)


def is_text(type_):
    return type_.code in (gdb.TYPE_CODE_INT, gdb.TYPE_CODE_CHAR) and type_.sizeof == 1


class Target:
    """What pointers of one type point to: its name, size and own pointers."""

    def __init__(self, type_, name):
        self.type = type_
        self.name = name
        self.text = is_text(type_)
        self.size = type_.sizeof
        self.found = None


class Types:
    def __init__(self):
        self.targets = {}

    def target(self, type_):
        """None: there is nothing to see behind it. Void, code, a type that is only declared."""
        type_ = plain(type_)
        if type_.code in (gdb.TYPE_CODE_VOID, gdb.TYPE_CODE_FUNC, gdb.TYPE_CODE_METHOD):
            return None
        try:
            if type_.sizeof == 0:
                return None
        except gdb.error:
            return None
        objfile = type_.objfile.filename.rsplit("/", 1)[-1] if type_.objfile else ""
        name = f"{type_.name or str(type_)}/{type_.sizeof}/{objfile}"
        if name not in self.targets:
            self.targets[name] = Target(type_, name)
        return self.targets[name]

    def pointers(self, target):
        """[(offset, path, Target)] of a value of this type."""
        if target.found is None:
            target.found = self.find(target.type)
        return target.found

    def find(self, type_):
        found, todo = [], [(0, "", type_)]
        while todo and len(found) < POINTERS_MAX:
            offset, path, type_ = todo.pop(0)
            type_ = plain(type_)
            if is_pointer(type_):
                target = self.target(type_.target())
                if target:
                    found.append((offset, path, target))
            else:
                todo = self.members(offset, path, type_) + todo
        return found

    def members(self, offset, path, type_):
        if type_.code == gdb.TYPE_CODE_ARRAY:
            element = plain(type_.target())
            if is_text(element) or not element.sizeof:
                return []
            count = min(type_.sizeof // element.sizeof, ELEMENTS_MAX)
            return [(offset + i * element.sizeof, f"{path}[{i}]", element) for i in range(count)]
        if type_.code not in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
            return []
        return [(offset + field.bitpos // 8, f"{path}.{field.name or ''}", field.type)
                for field in type_.fields()
                if hasattr(field, "bitpos") and not field.bitsize]


class Values:
    """nodes: {key: [value, {path: key of what the pointer there points to}]}; the second is
    missing of what was only reached through a pointer of another node."""

    def __init__(self):
        self.memory = Memory()
        self.types = Types()
        self.nodes = {}
        self.seen = set()
        self.word = gdb.lookup_type("void").pointer().sizeof

    def at(self, address, size):
        return ["b"] + [brief(piece) for piece in self.memory.pieces(address, size)]

    def node(self, address, target):
        key = f"{address:#x} {target.name}"
        if key not in self.nodes:
            pieces = (self.memory.string(address) if target.text
                      else self.memory.pieces(address, target.size))
            self.nodes[key] = [["b"] + [brief(piece) for piece in pieces]]
        return key

    def pointers_at(self, address, target):
        """{path: key} of the pointers in a value in memory, what they point to included."""
        found = {}
        for offset, path, pointee in self.types.pointers(target):
            data = b"".join(piece or b"" for piece in self.memory.pieces(address + offset, self.word))
            if len(data) == self.word:
                to = int.from_bytes(data, "little")
                if to:
                    found[path] = self.node(to, pointee)
        return found

    def pointees(self, pointers):
        """The second step: what the members of these point to."""
        for key in pointers.values():
            if key not in self.seen:
                self.seen.add(key)
                address, name = key.split(" ", 1)
                target = self.types.targets[name]
                self.nodes[key].append(self.pointers_at(int(address, 16), target))
        return pointers

    def of(self, value):
        """[value, pointers] of a gdb.Value."""
        try:
            return self.try_of(value)
        except gdb.MemoryError as error:
            return [["?", str(error)], {}]
        except gdb.error as error:
            why = str(error)
            return [["?" if any(m in why for m in MARKS) else "-", why], {}]

    def try_of(self, value):
        if value.is_optimized_out:
            return [["-", "optimized out"], {}]
        type_ = plain(value.type)
        if type_.code in (gdb.TYPE_CODE_REF, gdb.TYPE_CODE_RVALUE_REF):
            return self.pointer(int(value.referenced_value().address), type_)
        if value.address is not None:
            target = self.types.target(type_)
            address = int(value.address)
            if target is None:
                return [self.at(address, type_.sizeof), {}]
            return [self.at(address, target.size), self.pointees(self.pointers_at(address, target))]
        if type_.code == gdb.TYPE_CODE_PTR:
            return self.pointer(int(value), type_)
        text = value.format_string(raw=True, max_elements=200, repeat_threshold=0, symbols=False)
        return [["t", text], {}]

    def pointer(self, address, type_):
        target = self.types.target(type_.target())
        pointers = {"": self.node(address, target)} if target and address else {}
        return [["t", f"{address:#x}"], self.pointees(pointers)]
