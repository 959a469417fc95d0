"""Draws the curves of one run: curves.py RESULTS. A bar a point, beside the longest of its curve."""

import json
import sys
from collections import defaultdict

from report import digits

TITLES = {
    "growth.workers": "events a second, by inventory workers",
    "growth.prefetch": "events a second, by prefetch",
    "growth.payload.publish": "messages published a second, by bytes of the body",
    "growth.payload.consume": "messages drained a second, by bytes of the body",
    "growth.backlog.orders": "orders a second, by events waiting",
    "growth.backlog.p99": "their p99 in ms, by events waiting",
    "growth.backlog.drain": "events drained a second, by events waiting",
    "growth.backlog.worker": "most that the worker held in MB, by events waiting",
    "growth.connections.held": "most that the order service held in MB, by connections, half of them idle",
    "growth.connections.p99": "p99 in ms of 500 orders a second over the other half",
    "growth.table.orders": "orders a second, by orders in the store",
    "growth.table.p99": "their p99 in ms, by orders in the store",
    "growth.hour.order-service": "MB that the order service holds, by minutes at 300 orders a second",
    "growth.hour.inventory": "MB that the inventory worker holds, by minutes",
    "growth.hour.notification": "MB that the notification worker holds, by minutes",
}
WIDTH = 40


def main() -> None:
    curves: dict = defaultdict(list)
    with open(sys.argv[1], encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            if entry["row"] in TITLES:
                curves[entry["row"]].append((int(entry["side"]), entry["value"]))
    for name, title in TITLES.items():
        if name not in curves:
            continue
        print(f"\n{title}")
        most = max(value for _, value in curves[name])
        for size, value in curves[name]:
            print(f"{size:>10,}  {'#' * max(1, round(value / most * WIDTH)):<{WIDTH}}  {digits(value)}")


main()
