"""Prints the table of one run: report.py RESULTS

Each side's median with its smallest and largest; the ratio is taken round by round, of what ran one after the other,
and its median is judged. `missed` is where the median misses the target; one round that misses is no verdict.
"""

import json
import statistics
import sys
from collections import defaultdict

from rows import NOBODY, ROWS, Row

HEADINGS = ("WHAT", "YARDSTICK", "OURS", "YARDSTICK'S", "RATIO", "TARGET", "")


def read(path: str) -> dict:
    values: dict = defaultdict(lambda: defaultdict(dict))
    with open(path, encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            values[entry["row"]][entry["side"]][entry["round"]] = entry["value"]
    return values


def digits(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(values: list, unit: str = "") -> str:
    if not values:
        return "-"
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{digits(middle)}{unit} [{digits(low)}..{digits(high)}]"


def line(row: Row, sides: dict) -> tuple:
    ours, theirs = sides.get("ours", {}), sides.get("yardstick", {})
    ratios = [ours[turn] / theirs[turn] for turn in sorted(ours) if theirs.get(turn)]
    judged = list(ours.values()) if row.yardstick == NOBODY else ratios
    target, verdict = "-", ""
    if row.target is not None:
        unit = f" {row.unit}" if row.yardstick == NOBODY else " x"
        target = f"{'>=' if row.more else '<='} {row.target:g}{unit}"
        if judged:
            middle = statistics.median(judged)
            verdict = "met" if (middle >= row.target if row.more else middle <= row.target) else "missed"
    unit = row.unit if row.unit.startswith("/") else f" {row.unit}"
    return (
        row.what if row.yardstick != NOBODY else f"{row.name.split('.', 1)[-1]}: {row.what}",
        row.yardstick,
        spread(list(ours.values()), unit),
        spread(list(theirs.values()), unit),
        spread(ratios, " x"),
        target,
        verdict,
    )


def main() -> None:
    values = read(sys.argv[1])
    lines = [HEADINGS] + [line(row, values[row.name]) for row in ROWS if row.name in values]
    if len(lines) == 1:
        return
    widths = [max(len(each[column]) for each in lines) for column in range(len(HEADINGS))]
    for each in lines:
        print("  ".join(text.ljust(width) for text, width in zip(each, widths)).rstrip())


if __name__ == "__main__":
    main()
