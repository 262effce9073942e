# SPDX-License-Identifier: MIT
"""CPython with a service's worth of objects: 200,000 dictionaries, some large ones, and a
recursion of 120 calls that go through C (max, sorted, a method of a class, a dictionary's
lookup), so that the interpreter's own stack is deep. It dies in ctypes."""
import collections
import ctypes
import sys

DEPTH = 120
ROWS = 200000


class Account:
    def __init__(self, number):
        self.number = number
        self.name = f"account {number}"
        self.history = collections.deque(range(number % 50), maxlen=30)
        self.limits = {"day": number * 3, "week": number * 11, "currency": "EUR"}

    def __lt__(self, other):
        return self.number < other.number


class Walker:
    def __init__(self, table):
        self.table = table
        self.trail = []
        self.visited = {}

    def __getitem__(self, depth):
        return self.step(depth)

    def step(self, depth):
        row = self.table[depth * 37]
        label = f"step {depth} at {row['name']}"
        chosen = {key: value for key, value in row.items() if key != "parent"}
        self.trail.append(label)
        self.visited[depth] = chosen
        if depth == 0:
            return crash(row, tuple(self.trail[-3:]))
        following = [depth - 1]
        if depth % 3 == 0:
            return max(following, key=self.step)
        if depth % 3 == 1:
            return sorted(following, key=self.step)[0]
        return self[depth - 1]


def crash(row, trail):
    account = Account(4711)
    message = f"{len(trail)} steps, the last at {row['number']}"
    return ctypes.string_at(16, len(message) + account.number)


def build():
    table = []
    parent = None
    for number in range(ROWS):
        row = {"number": number, "name": f"row {number}", "parent": parent, "ratio": number / 7,
               "tags": ("even" if number % 2 == 0 else "odd", number % 10)}
        table.append(row)
        parent = row if number % 100 else None
    return table


def main():
    sys.setrecursionlimit(10000)
    table = build()
    by_name = {row["name"]: row for row in table}
    accounts = [Account(number) for number in range(2000)]
    squares = {number: number * number for number in range(50000)}
    walker = Walker(table)
    print(walker[DEPTH - 1], len(by_name), len(accounts), len(squares))


main()
