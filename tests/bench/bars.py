# SPDX-License-Identifier: MIT
"""The bars of make bench. All but one are ratios of medians within one run; seconds and bytes."""
from crashes import CRASHES

# What is released in the time of what is kept must not notice how large the process was.
LARGE = ("dense", "reserve", "huge")

# (handler, crashes, figure): at most FACTOR times the figure of OTHER, plus SECONDS.
RATIOS = (
    ("mini", LARGE, "held", 1.5, "floor", 0.015),
    ("mini", LARGE, "held", 1, "minicoredumper", 0),
    ("mini", ("tiny",), "held", 2, "minicoredumper", 0),
    ("mini", ("tiny",), "held", 1 / 4, "systemd", 0),
    ("full-2g", ("dense",), "held", 0.6, "drain", 0),
    ("full-2g", ("dense",), "held", 1 / 10, "systemd", 0),
    ("full", ("dense",), "held", 2, "drain", 0),
    ("full", ("dense",), "held", 1 / 5, "systemd", 0),
    ("full-off", ("dense",), "held", 1 / 3, "systemd", 0),
    ("full", ("reserve",), "held", 1 / 200, "systemd", 0),
    ("full", ("reserve",), "held", 0.05, "drain", 0),
    ("full", ("dense",), "durable", 0.6, "systemd", 0),
    ("full", ("dense",), "size", 1.03, "systemd", 0),
    ("full", ("dense",), "cpu", 0.9, "systemd", 0),
    ("full", ("reserve",), "cpu", 1 / 20, "systemd", 0),
    ("mini", LARGE, "cpu", 1 / 50, "systemd", 0),
    # What it may cost that nothing changes between the crash and the dump, against a build that took no care of
    # it (666da5c); what full keeps of private memory is copied as late as there.
    ("mini", ("tiny", "threads", "dense", "reserve"), "held", 1.3, "before-mini", 0),
    ("mini", ("huge",), "held", 1 / 5, "floor", 0),
    ("full", ("threads",), "held", 1.3, "before-full", 0),
    ("full", ("dense", "reserve", "huge"), "held", 1.1, "before-full", 0),
)
# The largest process of the handler, without a spool, whatever crashed.
RSS_HANDLER, RSS_MAX = "full-off", 48 << 20
# Dense memory of three sizes. Flat: what mini holds beyond the floor differs by no more than this; who
# is let go before its memory is freed is held for less than the floor, which counts as none.
# Linear: what full takes for a MiB more is the same between the first two as between the last two,
# give or take this factor.
GROWTH = ("heap64", "dense", "heap8192")
FLAT_HANDLER, FLAT_MAX = "mini", 0.020
LINEAR_HANDLER, LINEAR_FACTOR = "full-late", 1.25


def bar(name, figure, measured, limit, rule):
    """measured None: what it takes to judge this was not in the run."""
    state = "not measured" if measured is None or limit is None else "met" if measured <= limit else "MISSED"
    return {"bar": name, "figure": figure, "measured": measured, "limit": limit, "rule": rule,
            "state": state}


def rule_of(factor, other, seconds):
    text = f"1/{round(1 / factor)}" if factor < 0.5 and abs(1 / factor % 1) < 1e-9 else f"{factor:g}"
    return f"{text} x {other}" + (f" + {seconds * 1000:g} ms" if seconds else "")


def ratio_bar(medians, handler, crash, figure, factor, other, seconds):
    """With `ratio`: measured by OTHER's."""
    measured, reference = medians.get((crash, handler)), medians.get((crash, other))
    got = measured and measured[figure]
    limit = factor * reference[figure] + seconds if reference else None
    result = bar(f"{handler}, {crash}: {figure}", figure, got, limit, rule_of(factor, other, seconds))
    if reference and got is not None and reference[figure]:
        result["ratio"] = got / reference[figure]
    return result


def rss_bar(rows):
    of_handler = [row for row in rows if row["handler"] == RSS_HANDLER]
    largest = max(of_handler, key=lambda row: row["rss"]["max"], default=None)
    name = f"{RSS_HANDLER}, {largest['crash'] if largest else 'any'}: rss"
    return bar(name, "rss", largest and largest["rss"]["max"], RSS_MAX, "for any crash")


def over_floor(medians, handler):
    """[seconds that HANDLER holds more than the floor], by size; None where one is missing."""
    pairs = [(medians.get((crash, handler)), medians.get((crash, "floor"))) for crash in GROWTH]
    if not all(one and floor for one, floor in pairs):
        return None
    return [max(one["held"] - floor["held"], 0) for one, floor in pairs]


def flat_bar(medians):
    times = over_floor(medians, FLAT_HANDLER)
    return bar(f"{FLAT_HANDLER}, 64 MiB to 8 GiB: held over floor, largest - smallest", "held",
               times and max(times) - min(times), FLAT_MAX, "flat")


def linear_bar(medians):
    times, factor = over_floor(medians, LINEAR_HANDLER), None
    if times:
        sizes = [CRASHES[crash].touched for crash in GROWTH]
        slopes = [(times[i + 1] - times[i]) / (sizes[i + 1] - sizes[i]) for i in range(2)]
        # What does not grow at all is no line, either.
        factor = max(slopes) / min(slopes) if min(slopes) > 0 else float("1e9")
    return bar(f"{LINEAR_HANDLER}, 64 MiB to 8 GiB: held per MiB, larger / smaller", "factor", factor,
               LINEAR_FACTOR, "linear")


def medians_of(row):
    """CPU is all that a crash costs: who frees the memory, handler or crashed process, is all one."""
    medians = {name: value["median"] for name, value in row.items() if isinstance(value, dict)}
    return {**medians, "cpu": medians["cpu"] + medians.get("kernel_cpu", 0)}


def evaluate(rows):
    medians = {(row["crash"], row["handler"]): medians_of(row) for row in rows}
    return [*(ratio_bar(medians, handler, crash, *rest)
              for handler, crashes, *rest in RATIOS for crash in crashes),
            rss_bar(rows), flat_bar(medians), linear_bar(medians)]
