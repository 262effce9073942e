# SPDX-License-Identifier: MIT
"""The handlers of tests/bench/run: what goes into the kernel's settings for each of them.

{t} is the directory of the programs, {s} that of the stores, in which each has its own.
"""
import os
from collections import namedtuple

# stores: something must be left. config: lines of a dumpd.conf.
Handler = namedtuple("Handler", "title pattern settings stores config", defaults=({}, True, None))

PIPE_LIMIT = "kernel.core_pipe_limit"
# Round after round is a crash loop.
UNLIMITED = ["RateDumps=infinity", "RateUserDumps=infinity"]
SUID_DUMPABLE = "fs.suid_dumpable"
# What `dumpctl setup` sets; those that are nobody's package have the same.
OURS = {PIPE_LIMIT: "512", SUID_DUMPABLE: "2"}
# Its init script's.
MINICOREDUMPER = {PIPE_LIMIT: "0x7fffffff"}
DUMPD = ("{t}/PROGRAM --config={t}/NAME.conf %P %s %e -d%d -u%u -g%g -c%c -t%t -I%I -F%F")


def dumpd(name, title, *lines, program="dumpd"):
    return Handler(title, DUMPD.replace("PROGRAM", program).replace("NAME", name), OURS, config=lines)


def before(kind):
    """The same of the build that --against names."""
    return dumpd(f"before-{kind}", f"dumpd {kind} of the other build", f"Type={kind}", program="before")


HANDLERS = {
    "floor": Handler("exits at once", "{t}/floor", OURS, False),
    "drain": Handler("reads the pipe to its end", "{t}/drain", OURS, False),
    "zstd": Handler("zstd -T0", "{t}/zstd -T0 -q -o {t}/s/zstd/core.zst", OURS),
    "kernel": Handler("the kernel's core file", None, OURS),
    # The settings are the ones that its package has.
    "systemd": Handler("systemd-coredump", "-s {t}/systemd-coredump", None),
    "minicoredumper": Handler("minicoredumper", "{t}/minicoredumper %P %u %g %s %t %h %e {t}/mcd.json",
                              MINICOREDUMPER),
    "mini": dumpd("mini", "dumpd mini", "Type=mini"),
    "heap": dumpd("heap", "dumpd heap", "Type=heap"),
    "full": dumpd("full", "dumpd full", "Type=full"),
    "full-2g": dumpd("full-2g", "dumpd full, SpoolMax=2G", "Type=full", "SpoolMax=2G"),
    "full-off": dumpd("full-off", "dumpd full, SpoolMax=0", "Type=full", "SpoolMax=0"),
    "mini-late": dumpd("mini-late", "dumpd mini, ReleaseEarly=no", "Type=mini", "ReleaseEarly=no"),
    "late-2g": dumpd("late-2g", "dumpd full, ReleaseEarly=no, SpoolMax=2G", "Type=full",
                     "ReleaseEarly=no", "SpoolMax=2G"),
    "full-late": dumpd("full-late", "dumpd full, ReleaseEarly=no, SpoolMax=0", "Type=full",
                       "ReleaseEarly=no", "SpoolMax=0"),
    **{f"before-{kind}": before(kind) for kind in ("mini", "heap", "full")},
}
# The second size of spool is for the one crash that does not fit into the first.
ONLY = {"full-2g": ("dense",), "late-2g": ("dense",)}
OF_DUMPD = tuple(name for name, handler in HANDLERS.items() if handler.config)


def systemd_settings(small):
    """Out of its package's file for sysctl: its core_pattern's arguments, and the rest."""
    settings = {}
    with open(os.path.join(small, "systemd.sysctl"), encoding="utf-8") as file:
        for line in file:
            name, equals, value = line.strip().partition("=")
            if equals and not name.startswith("#"):
                settings[name.lstrip("-").strip()] = value.strip()
    arguments = settings.pop("kernel.core_pattern").partition(" ")[2]
    return arguments, settings


def kernel_settings(name, small, store):
    """{sysctl: value} for a handler."""
    handler = HANDLERS[name]
    if handler.pattern is None:
        return {"kernel.core_pattern": f"{store}/{name}/core.%p", **handler.settings}
    command, settings = handler.pattern.format(t=small), handler.settings
    if settings is None:
        arguments, settings = systemd_settings(small)
        command += " " + arguments
    pattern = f"|{small}/l %P {command}"
    if len(pattern) > 127:
        raise ValueError(f"core_pattern has room for 127 characters: {pattern}")
    return {"kernel.core_pattern": pattern, **settings}


def prepare(names, small, store):
    """Stores, and dumpd's configurations."""
    os.symlink(store, os.path.join(small, "s"))
    for name in names:
        directory = os.path.join(store, name)
        os.makedirs(directory, exist_ok=True)
        os.chmod(directory, 0o755)
        if HANDLERS[name].config:
            with open(os.path.join(small, name + ".conf"), "w", encoding="utf-8") as file:
                file.write("\n".join(["[Dump]", f"Directory={directory}", *UNLIMITED, *HANDLERS[name].config, ""]))
