# SPDX-License-Identifier: MIT
"""What tests/bench/run needs of the machine, and what of it has to be known beside the figures."""
import os
import shutil
import subprocess

from crashes import CRASHES
from handlers import HANDLERS, OF_DUMPD

MIB = 1 << 20


def room(options):
    """The largest of what a handler needs, before the first crash: [what is missing]."""
    sizes = [CRASHES[crash] for crash in options.crashes]
    disk = max(crash.touched for crash in sizes)
    if "systemd" in options.handlers:
        # Whole, and then once more compressed.
        disk = max([disk, *(crash.size + crash.touched for crash in sizes if not crash.handlers)])
    free = shutil.disk_usage(options.store).free // MIB
    if free < disk + 1024:
        yield f"{disk + 1024} MiB of {options.store}'s file system, which has {free}"
    memory = max(crash.touched for crash in sizes) * 5 // 4 + 1024
    with open("/proc/meminfo", encoding="utf-8") as file:
        available = next(int(line.split()[1]) // 1024 for line in file
                         if line.startswith("MemAvailable"))
    if available < memory:
        yield f"{memory} MiB of memory, of which {available} are available"


def describe(store):
    def first(path, word):
        with open(path, encoding="utf-8") as file:
            return next((line.partition(":")[2].strip() for line in file if line.startswith(word)), "")
    system = os.uname()
    kind = subprocess.run(["stat", "-f", "-c", "%T", store], capture_output=True, text=True,
                          check=False).stdout.strip()
    return {"kernel": system.release, "architecture": system.machine,
            "processor": first("/proc/cpuinfo", "model name"), "cores": len(os.sched_getaffinity(0)),
            "memory": first("/proc/meminfo", "MemTotal"), "file_system": kind,
            "load_before": os.getloadavg()[0]}


def unknown_keys(options):
    """Of the variants' keys, those that this dumpd has not (yet): then they are no variants."""
    unknown = set()
    for name in options.handlers:
        if name not in OF_DUMPD:
            continue
        known = subprocess.run([options.dumpctl, "config", "--json",
                                f"--config={options.small}/{name}.conf"],
                               capture_output=True, text=True, check=False).stdout
        unknown |= {line.partition("=")[0] for line in HANDLERS[name].config
                    if f'"{line.partition("=")[0]}"' not in known}
    return sorted(unknown)
