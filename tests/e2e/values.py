# SPDX-License-Identifier: MIT
"""For gdb: the values of the expressions in VALUES, one a line there, as
"value EXPRESSION = VALUE", in the innermost frame
whose function is called VALUES_FRAME (default: the frame that crashed)."""
import os

import gdb


def select(name):
    frame = gdb.newest_frame()
    while frame is not None and frame.name() != name:
        frame = frame.older()
    if frame is not None:
        frame.select()


def value_of(expression):
    try:
        return gdb.parse_and_eval(expression).format_string(symbols=False)
    except gdb.error as error:
        return f"error: {error}"


if os.environ.get("VALUES_FRAME"):
    select(os.environ["VALUES_FRAME"])
for line in os.environ["VALUES"].splitlines():
    if line.strip():
        print(f"value {line.strip()} = {value_of(line.strip())}")
