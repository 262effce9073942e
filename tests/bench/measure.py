# SPDX-License-Identifier: MIT
"""measure.py: the crashes of tests/bench/run, one at a time; see there.

Held is the time from the crash, by the clock of the process that crashes, until its parent has
reaped it. Durable is the time until the handler and all that it started have ended and what was
stored is on disk: it is fsynced here, which costs those nothing that have done it themselves. CPU and
the largest process are the handler's, by wait4(2) in programs/launcher.c; the kernel's own work on
the core is charged to the process that crashed, and shown beside it.
"""
import argparse
import json
import os
import resource
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import time

import bars
import chart
import machine
import table
from crashes import CRASHES
from handlers import HANDLERS, ONLY, kernel_settings, prepare
from settings import Settings

LIMIT = 600  # seconds for one crash
LAST_WORDS = struct.Struct("QQ")
FIGURES = ("held", "durable", "cpu", "kernel_cpu", "rss", "size")


class Failed(Exception):
    """This handler did not do what it is measured for."""


class Reports:
    """What the launchers say."""

    def __init__(self, small):
        # For writing, too: then there is no end of file.
        self.fd = os.open(os.path.join(small, "report"), os.O_RDWR | os.O_NONBLOCK)
        self.text = b""

    def of(self, pid):
        """The report on this process; those on others, of whoever else crashed here, are not ours."""
        end = time.monotonic() + LIMIT
        while True:
            line, newline, rest = self.text.partition(b"\n")
            if newline:
                self.text = rest
                report = json.loads(line)
                if report["pid"] == pid:
                    return report
                print(f"process {report['pid']} crashed beside the one measured", file=sys.stderr)
            elif select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                self.text += os.read(self.fd, 65536)
            else:
                raise Failed(f"has not ended after {LIMIT} s")


def be_ordinary():
    """The crashing process is no more important than a handler."""
    os.setpriority(os.PRIO_PROCESS, 0, 0)


class Process:
    """The one that crashes. It is there, as large as it is to be, before the settings are changed."""

    def __init__(self, small, arguments):
        self.arguments = arguments
        self.process = subprocess.Popen([os.path.join(small, "crash"), *arguments], cwd=small, bufsize=0,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        preexec_fn=be_ordinary)
        self.pid = self.process.pid
        if len(self.process.stdout.read(1)) != 1:
            raise RuntimeError(f"crash {' '.join(arguments)} does not start")

    def die(self):
        """(when it crashed, when it was reaped, CPU seconds that the kernel took for it)"""
        signal.alarm(LIMIT)
        try:
            self.process.stdin.write(b"!")
            words = self.process.stdout.read(LAST_WORDS.size)
            _, status, used = os.wait4(self.pid, 0)
            reaped = time.monotonic_ns()
        except TimeoutError as error:
            raise Failed(f"held the process for more than {LIMIT} s") from error
        finally:
            signal.alarm(0)
        self.process.returncode = status
        if len(words) != LAST_WORDS.size or not os.WIFSIGNALED(status):
            raise RuntimeError(f"crash {' '.join(self.arguments)} ended with {status} before its time")
        crashed, before = LAST_WORDS.unpack(words)
        return crashed, reaped, max(0, used.ru_utime + used.ru_stime - before / 1e6)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()


def stored(directory):
    """(bytes on disk, seconds that making them durable took)"""
    size, began = 0, time.monotonic()
    for path, _, names in os.walk(directory):
        for name in names:
            fd = os.open(os.path.join(path, name), os.O_RDONLY)
            os.fsync(fd)
            status = os.fstat(fd)
            # A file with holes is not as large as it looks.
            size += min(status.st_size, status.st_blocks * 512)
            os.close(fd)
    return size, time.monotonic() - began


def empty(directory):
    for entry in os.scandir(directory):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            os.unlink(entry.path)


class Bench:
    def __init__(self, options):
        self.options = options
        self.settings = Settings(options.small, options.lock)
        self.reports = Reports(options.small)
        self.results, self.failures = {}, []

    def launched(self, name, pid, reaped):
        """What the launcher reports; the kernel's core file has none."""
        if HANDLERS[name].pattern is None:
            return {"end": reaped, "cpu": 0, "rss": 0, "status": 0}
        report = self.reports.of(pid)
        if report["status"]:
            raise Failed(f"ended with {report['status']}")
        return report

    def one(self, crash, name):
        """The figures of one crash under one handler."""
        store = os.path.join(self.options.store, name)
        with Process(self.options.small, CRASHES[crash].arguments) as process:
            try:
                self.settings.set(kernel_settings(name, self.options.small, self.options.store))
                crashed, reaped, kernel = process.die()
                report = self.launched(name, process.pid, reaped)
            finally:
                self.settings.restore()
        size, syncing = stored(store)
        empty(store)
        if HANDLERS[name].stores and not size:
            raise Failed("stored nothing")
        return {"held": (reaped - crashed) / 1e9,
                "durable": (max(report["end"], reaped) - crashed) / 1e9 + syncing,
                "cpu": report["cpu"] / 1e6, "kernel_cpu": kernel, "rss": report["rss"] * 1024,
                "size": size}

    def wanted(self, crash):
        only = CRASHES[crash].handlers
        return [name for name in self.options.handlers
                if (only is None or name in only) and crash in ONLY.get(name, (crash,))]

    def turn(self, crash):
        """One crash under all handlers, one after the other: what disturbs, disturbs all of them."""
        for name in self.wanted(crash):
            try:
                figures = self.one(crash, name)
                self.results.setdefault((crash, name), []).append(figures)
                print(f" {name} {figures['held']:.3f}", end="", file=sys.stderr)
            except Failed as error:
                self.failures.append(f"{crash}, {name}: {error}")
                print(f" {name} {error}", end="", file=sys.stderr)
            sys.stderr.flush()

    def run(self):
        """Fills `results`, {(crash, handler): [figures]}, and `failures`."""
        began = time.monotonic()
        for number in range(self.options.rounds):
            os.sync()
            for crash in self.options.crashes:
                for _ in range(0 if number % CRASHES[crash].every else CRASHES[crash].repeat):
                    print(f"{time.monotonic() - began:5.0f} s, round {number + 1}: {crash}, held:", end="",
                          file=sys.stderr)
                    self.turn(crash)
                    print(file=sys.stderr)


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def rows_of(results):
    """In the order of the tables, also where a handler failed at first."""
    known = [(crash, name) for crash in CRASHES for name in HANDLERS if (crash, name) in results]
    for crash, name in known:
        rounds = results[crash, name]
        yield {"crash": crash, "handler": name, "count": len(rounds),
               **{figure: spread([one[figure] for one in rounds]) for figure in FIGURES},
               "rounds": rounds}


def timed_out(number, frame):
    raise TimeoutError


def stopped(number, frame):
    sys.exit(128 + number)


def parse():
    parser = argparse.ArgumentParser(prog="tests/bench/run")
    parser.add_argument("crashes", nargs="*")
    for option in ("small", "store", "lock", "out", "dumpctl", "handlers"):
        parser.add_argument("--" + option, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--against", default="")
    options = parser.parse_args()
    options.handlers = options.handlers.split()
    for given, known in ((options.crashes, CRASHES), (options.handlers, HANDLERS)):
        for name in given:
            if name not in known:
                parser.error(f"'{name}' is not one of: {' '.join(known)}")
    if options.rounds < 1:
        parser.error("there has to be a round")
    return options


def main():
    if sys.argv[1:2] == ["--list"]:
        print(*(CRASHES if sys.argv[2] == "crashes" else HANDLERS))
        return 0
    options = parse()
    prepare(options.handlers, options.small, options.store)
    missing = list(machine.room(options))
    if missing:
        print("there is not enough room: this needs " + ", and ".join(missing), file=sys.stderr)
        return 1
    signal.signal(signal.SIGALRM, timed_out)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stopped)
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    os.setpriority(os.PRIO_PROCESS, 0, -5)
    about = {"machine": machine.describe(options.store), "rounds": options.rounds, "against": options.against,
             "date": time.strftime("%Y-%m-%d", time.gmtime()), "unknown_keys": machine.unknown_keys(options)}
    bench = Bench(options)
    bench.run()
    figures = {**about, "rows": list(rows_of(bench.results)), "failures": bench.failures}
    figures["bars"] = bars.evaluate(figures["rows"])
    with open(os.path.join(options.out, "bench.json"), "w", encoding="utf-8") as file:
        json.dump(figures, file, indent=1)
        file.write("\n")
    with open(os.path.join(options.out, "bench.svg"), "w", encoding="utf-8") as file:
        file.write(chart.draw(figures))
    table.show(figures)
    return 1 if bench.failures or any(bar["state"] == "MISSED" for bar in figures["bars"]) else 0


if __name__ == "__main__":
    sys.exit(main())
