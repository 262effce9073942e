# SPDX-License-Identifier: MIT
"""For walk.py, inside gdb: locals as the pretty-printers show them. A value is then the whole
tree under it: a dictionary with all that is in it, as far as gdb shows it."""
import gdb


def text_of(symbol, frame, known):
    try:
        value = symbol.value(frame)
        if value.is_optimized_out:
            return None
        key = (str(value.type), int(value)) if value.type.strip_typedefs().code == gdb.TYPE_CODE_PTR else None
        if key and key in known:
            return known[key]
        text = value.format_string()
    except (gdb.error, RuntimeError) as error:
        return f"<error: {error}>"
    if key:
        known[key] = text
    return text


def frames_of(thread, symbols, limit, known):
    thread.switch()
    found = []
    try:
        frame = gdb.newest_frame()
        while frame is not None and len(found) < limit:
            found.append({key: text_of(symbol, frame, known) for key, symbol in symbols(frame)})
            frame = frame.older()
    except gdb.error:
        pass
    return found


def command(name):
    try:
        return gdb.execute(name, to_string=True)
    except gdb.error as error:
        return f"<error: {error}>"


def walk(threads, symbols, limit):
    known = {}
    locals_ = {str(t.ptid[1] or t.ptid[0]): frames_of(t, symbols, limit, known) for t in threads}
    threads[0].switch()
    gdb.newest_frame().select()
    return {"locals": locals_, "py-bt": command("py-bt")}
