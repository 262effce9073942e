# SPDX-License-Identifier: MIT
"""What the tests do to cores, 64-bit little-endian ones that the kernel wrote.

    corelab.py cuts CORE              places worth cutting at, one a line
    corelab.py notes-end CORE         where the notes end in the file
    corelab.py memory CORE            how many bytes of memory its headers name
    corelab.py edit CORE OUT EDIT...  a core made wrong (or unusual), see EDITS
    corelab.py subset DUMP CORE [FILE]
                                      every byte of DUMP's segments is CORE's at that address,
                                      and the notes are the same, but for NT_FILE's entries of
                                      FILE: those are gone
    corelab.py cut DUMP CORE          as subset, of a dump that ended early: NT_FILE has no entry of
                                      what has lost content, as far as it is not the first of its file
    corelab.py same A B               the same memory and notes, in whatever order and headers
    corelab.py unhide CORE            everykind.c's execute-only memory that is zeros in CORE gets the words that
                                      the program wrote; prints how many bytes
    corelab.py order CORE             whether content is not in the order of addresses: yes or no
"""
import bisect
import struct
import sys

EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
PHDR = struct.Struct("<IIQQQQQQ")
EHDR_FIELDS = ("ident", "type", "machine", "version", "entry", "phoff", "shoff", "flags",
               "ehsize", "phentsize", "phnum", "shentsize", "shnum", "shstrndx")
PHDR_FIELDS = ("type", "flags", "offset", "vaddr", "paddr", "filesz", "memsz", "align")
PT_LOAD, PT_NOTE = 1, 4
NT_FILE = 0x46494c45
PF_X = 1
VSYSCALL = 0xffffffffff600000  # has no memory
PN_XNUM = 0xFFFF


class Core:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = bytearray(file.read())
        self.is_64 = self.data[4] == 2
        if self.is_64:
            self.ehdr = dict(zip(EHDR_FIELDS, EHDR.unpack_from(self.data)))
            phdr, order = PHDR, PHDR_FIELDS
        else:
            self.ehdr = dict(zip(EHDR_FIELDS, struct.unpack_from("<16sHHIIIIIHHHHHH", self.data)))
            phdr = struct.Struct("<IIIIIIII")
            order = ("type", "offset", "vaddr", "paddr", "filesz", "memsz", "flags", "align")
        count = self.ehdr["phnum"]
        if count == PN_XNUM:
            # sh_info of section 0 (ELF64: at 44, ELF32: at 28)
            count, = struct.unpack_from("<I", self.data, self.ehdr["shoff"] + (44 if self.is_64 else 28))
        self.phdrs = [dict(zip(order, phdr.unpack_from(self.data, self.ehdr["phoff"] + i * phdr.size)))
                      for i in range(count)]

    @property
    def word(self):
        return "Q" if self.is_64 else "I"

    def loads(self):
        return [p for p in self.phdrs if p["type"] == PT_LOAD]

    def note(self):
        return next(p for p in self.phdrs if p["type"] == PT_NOTE)

    def write(self, path):
        EHDR.pack_into(self.data, 0, *(self.ehdr[f] for f in EHDR_FIELDS))
        for i, phdr in enumerate(self.phdrs):
            PHDR.pack_into(self.data, EHDR.size + i * PHDR.size, *(phdr[f] for f in PHDR_FIELDS))
        with open(path, "wb") as file:
            file.write(self.data)


def cuts(path):
    core = Core(path)
    size = len(core.data)
    note = core.note()
    points = set(range(0, 65))
    edges = [EHDR.size + PHDR.size * i for i in (1, 2, len(core.phdrs) - 1, len(core.phdrs))]
    edges += [note["offset"], note["offset"] + 20, note["offset"] + note["filesz"] // 2,
              note["offset"] + note["filesz"], size, size // 2, size - 4096]
    edges += [p["offset"] for p in core.loads()[:8]]
    for edge in edges:
        points.update((edge - 1, edge, edge + 1))
    for point in sorted(p for p in points if 0 <= p < size):
        print(point)


def big(core, kind):
    """Index of a segment with content: the first or the last one."""
    indices = [i for i, p in enumerate(core.phdrs) if p["type"] == PT_LOAD and p["filesz"]]
    return indices[0] if kind == "first" else indices[-1]


def set_ehdr(core, field, value):
    core.ehdr[field] = int(value, 0)


def set_ident(core, index, value):
    ident = bytearray(core.ehdr["ident"])
    ident[int(index)] = int(value, 0)
    core.ehdr["ident"] = bytes(ident)


def set_load(core, which, field, value):
    core.phdrs[big(core, which)][field] = int(value, 0)


def set_note(core, field, value):
    core.note()[field] = int(value, 0)


def set_note_size(core, field, value):
    """In the first note itself: namesz, descsz or type."""
    where = core.note()["offset"] + ("namesz", "descsz", "type").index(field) * 4
    struct.pack_into("<I", core.data, where, int(value, 0))


def reverse(core):
    """Segments in descending order of addresses; the content stays where it is."""
    notes = [p for p in core.phdrs if p["type"] != PT_LOAD]
    core.phdrs = notes + core.loads()[::-1]


def shuffle_content(core):
    """Legal: the last segment's content lies before the first one's."""
    first, last = core.phdrs[big(core, "first")], core.phdrs[big(core, "last")]
    body = bytes(core.data)
    content = [body[p["offset"]:p["offset"] + p["filesz"]] for p in core.loads()]
    start = min(p["offset"] for p in core.loads() if p["filesz"])
    assert first is not last
    loads = list(zip(core.loads(), content))
    loads.insert(0, loads.pop([p is last for p, _ in loads].index(True)))
    del core.data[start:]
    for phdr, bytes_of in loads:
        phdr["offset"] = len(core.data)
        core.data += bytes_of


def overlap(core):
    """Two segments claim the same addresses and the same bytes."""
    first, last = core.phdrs[big(core, "first")], core.phdrs[big(core, "last")]
    last["vaddr"], last["offset"] = first["vaddr"], first["offset"]


def overlap_addresses(core):
    """Two segments claim the same addresses, with bytes of their own."""
    core.phdrs[big(core, "last")]["vaddr"] = core.phdrs[big(core, "first")]["vaddr"]


def many(core, count):
    """e_phnum beyond what there is: the notes and memory are read as headers."""
    core.ehdr["phnum"] = int(count, 0)


def no_notes(core):
    core.note()["type"] = 0


def only_notes(core):
    for phdr in core.loads():
        phdr["type"] = 0


EDITS = {"ehdr": (set_ehdr, 2), "ident": (set_ident, 2), "load": (set_load, 3), "note": (set_note, 2),
         "notehead": (set_note_size, 2), "reverse": (reverse, 0), "shuffle": (shuffle_content, 0),
         "overlap": (overlap, 0), "overlap-addresses": (overlap_addresses, 0), "many": (many, 1),
         "no-notes": (no_notes, 0), "only-notes": (only_notes, 0)}


def edit(path, out, words):
    core = Core(path)
    while words:
        function, count = EDITS[words[0]]
        function(core, *words[1:1 + count])
        words = words[1 + count:]
    core.write(out)


def differs(dump, core, phdr, sources):
    """The first address at which the dump's segment is not the core's memory, or None."""
    done = 0
    while done < phdr["filesz"]:
        address = phdr["vaddr"] + done
        source = next((s for s in sources
                       if s["vaddr"] <= address < s["vaddr"] + s["filesz"]), None)
        if source is None:
            return address
        length = min(phdr["filesz"] - done, source["vaddr"] + source["filesz"] - address)
        a = phdr["offset"] + done
        b = source["offset"] + address - source["vaddr"]
        if b + length > len(core.data) or dump.data[a:a + length] != core.data[b:b + length]:
            return address
        done += length
    return None


def sources_near(loads, starts, phdr):
    first = max(bisect.bisect_right(starts, phdr["vaddr"]) - 1, 0)
    last = bisect.bisect_left(starts, phdr["vaddr"] + phdr["filesz"])
    return loads[first:last]


def notes_of(core):
    note = core.note()
    return core.data[note["offset"]:note["offset"] + note["filesz"]]


def align4(n):
    return n + 3 & ~3


def files_of(desc, word):
    """page size, [(entry, path)] of NT_FILE"""
    size = struct.calcsize("<" + word)
    count, page = struct.unpack_from("<2" + word, desc)
    names = desc[size * (2 + 3 * count):].split(b"\0")[:count]
    entries = [desc[size * (2 + 3 * i):size * (5 + 3 * i)] for i in range(count)]
    return page, list(zip(entries, names))


def without_file(desc, word, is_gone):
    """NT_FILE (fs/binfmt_elf.c, fill_files_note()): count, page size, then three words for each entry; then paths."""
    page, files = files_of(desc, word)
    left = [(entry, name) for entry, name in files if not is_gone(entry, name)]
    return (struct.pack("<2" + word, len(left), page) + b"".join(entry for entry, _ in left) +
            b"".join(name + b"\0" for _, name in left))


def notes_without(core, is_gone):
    notes, at, made = bytes(notes_of(core)), 0, b""
    while at < len(notes):
        name_n, desc_n, kind = struct.unpack_from("<III", notes, at)
        desc_at = at + 12 + align4(name_n)
        end = desc_at + align4(desc_n)
        if kind == NT_FILE:
            desc = without_file(notes[desc_at:desc_at + desc_n], core.word, is_gone)
            made += struct.pack("<III", name_n, len(desc), kind) + notes[at + 12:desc_at]
            made += desc.ljust(align4(len(desc)), b"\0")
        else:
            made += notes[at:end]
        at = end
    return made


def bytes_in(spans_of, start, end):
    return sum(max(0, min(end, b) - max(start, a)) for a, b in spans_of)


def cut(dump_path, core_path):
    """A file's first mapping is how its module is found; code was not changed."""
    dump, core = Core(dump_path), Core(core_path)
    there, was = spans(dump, "filesz"), spans(core, "filesz")
    code = [(p["vaddr"], p["vaddr"] + p["memsz"]) for p in core.loads() if p["flags"] & PF_X]

    def is_gone(entry, _):
        start, end, page = struct.unpack("<3" + core.word, entry)
        return (page > 0 and not bytes_in(code, start, end) and
                bytes_in(there, start, end) < bytes_in(was, start, end))
    memory_of(dump, core, notes_without(core, is_gone))


def subset(dump_path, core_path, path=None):
    dump, core = Core(dump_path), Core(core_path)
    notes = notes_of(core)
    if path:
        notes = notes_without(core, lambda _, name: name == path.encode())
        if notes == notes_of(core):
            sys.exit(f"the kernel has no entry of {path}")
    memory_of(dump, core, notes)


def memory_of(dump, core, notes):
    loads = sorted((p for p in core.loads() if p["filesz"]), key=lambda p: p["vaddr"])
    starts = [p["vaddr"] for p in loads]
    kept = 0
    for phdr in dump.loads():
        if phdr["filesz"] and phdr["offset"] + phdr["filesz"] > len(dump.data):
            sys.exit(f"segment at {phdr['vaddr']:#x} ends past the end of the file")
        address = differs(dump, core, phdr, sources_near(loads, starts, phdr))
        if address is not None:
            sys.exit(f"memory at {address:#x} is not what the kernel gave")
        kept += phdr["filesz"]
    if notes_of(dump) != notes:
        sys.exit("the notes differ")
    print(kept)


def spans(core, field):
    """What the headers name, joined."""
    joined = []
    for phdr in sorted(core.loads(), key=lambda p: p["vaddr"]):
        if joined and joined[-1][1] == phdr["vaddr"]:
            joined[-1][1] += phdr[field]
        elif phdr[field]:
            joined.append([phdr["vaddr"], phdr["vaddr"] + phdr[field]])
    return joined


def same(path, other_path):
    core, other = Core(path), Core(other_path)
    for field in ("filesz", "memsz"):
        if spans(core, field) != spans(other, field):
            sys.exit(f"the headers name other memory ({field})")
    subset(path, other_path)


def unhide(path):
    """Where processors have protection keys (pkeys(7)), the kernel may not read execute-only memory for the
    process that dumps, and writes zeros."""
    core, done = Core(path), 0
    word = 8 if core.is_64 else 4
    for phdr in core.loads():
        start, end = phdr["offset"], phdr["offset"] + phdr["filesz"]
        if phdr["flags"] != PF_X or phdr["vaddr"] == VSYSCALL or any(core.data[start:end]):
            continue
        for i in range(0, phdr["filesz"], word):
            value = (phdr["vaddr"] + i) * 0x9e3779b97f4a7c15 % (1 << 8 * word)
            core.data[start + i:start + i + word] = value.to_bytes(word, "little")
        done += phdr["filesz"]
    with open(path, "wb") as file:
        file.write(core.data)
    print(done)


def order(path):
    loads = [p for p in Core(path).loads() if p["filesz"]]
    addresses, offsets = ([p[f] for p in loads] for f in ("vaddr", "offset"))
    if addresses != sorted(addresses):
        sys.exit("the headers are not in the order of addresses")
    print("no" if offsets == sorted(offsets) else "yes")


def main():
    command, arguments = sys.argv[1], sys.argv[2:]
    if command == "cuts":
        cuts(*arguments)
    elif command == "notes-end":
        note = Core(arguments[0]).note()
        print(note["offset"] + note["filesz"])
    elif command == "memory":
        print(sum(load["filesz"] for load in Core(arguments[0]).loads()))
    elif command == "edit":
        edit(arguments[0], arguments[1], arguments[2:])
    elif command == "subset":
        subset(*arguments)
    elif command == "cut":
        cut(*arguments)
    elif command == "same":
        same(*arguments)
    elif command == "unhide":
        unhide(*arguments)
    elif command == "order":
        order(*arguments)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
