# SPDX-License-Identifier: MIT
"""The crashes of tests/bench/run: what programs/crash.c is given, and how large that gets."""
from collections import namedtuple

# repeat: a crash of milliseconds is measured more often in a round; every: one that takes minutes only
# in the first of so many rounds. size, touched: MiB. handlers: the only ones that get it.
Crash = namedtuple("Crash", "title arguments size touched repeat every handlers", defaults=(1, 1, None))

# What the bars on growth need of a size that has no other use.
GROWTH = ("floor", "mini", "full-late")

CRASHES = {
    "tiny": Crash("a small process", ("tiny",), 1, 1, repeat=5),
    "threads": Crash("1,000 threads", ("threads", "1000"), 1024, 32),
    "sparse": Crash("4 GiB, one page in 256 touched", ("sparse", "4096"), 4096, 16),
    "dense": Crash("1 GiB, all of it touched", ("dense", "1024"), 1024, 1024),
    "reserve": Crash("8 GiB reserved, 64 MiB touched", ("reserve", "8192", "64"), 8192, 64),
    "huge": Crash("20 GiB reserved, 2 GiB touched", ("reserve", "20480", "2048"), 20480, 2048, every=2),
    "heap64": Crash("64 MiB, all of it touched", ("dense", "64"), 64, 64, repeat=3, handlers=GROWTH),
    "heap8192": Crash("8 GiB, all of it touched", ("dense", "8192"), 8192, 8192, every=2,
                      handlers=GROWTH),
}
