"""Adds a measurement to the results: note.py RESULTS ROW SIDE ROUND NUMBER FILE

FILE is what a program printed; the last line or the whole of it is JSON. NUMBER is what is asked of it: rate,
cpu (microseconds of the client's processor a message), or any name that is in it, at whatever depth. `a.b` is b in a.
"""

import json
import sys

ALIASES = {
    "rate": ["messages_per_second", "orders_per_second", "rate", "per_second", "rate_per_second", "throughput"],
    "cpu_seconds": ["cpu_seconds", "client_cpu_seconds", "cpu"],
    "messages": ["messages", "count", "orders", "requests"],
    "seconds": ["seconds", "elapsed_seconds", "elapsed", "duration_seconds"],
    "p50_ms": ["p50_ms", "p50_milliseconds", "p50"],
    "p99_ms": ["p99_ms", "p99_milliseconds", "p99"],
}


def documents(path: str) -> list:
    text = open(path, encoding="utf-8").read().strip()
    found = []
    for candidate in [text, *reversed(text.splitlines())]:
        try:
            found.append(json.loads(candidate))
        except ValueError:
            continue
    return found


def search(document, name: str):
    """The number of that name, the nearest to the root."""
    level = [document]
    while level:
        for item in level:
            value = item.get(name) if isinstance(item, dict) else None
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return float(value)
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else [])
        ]
    return None


def named(found: list, name: str):
    for alias in ALIASES.get(name, [name]):
        for document in found:
            value = search(document, alias)
            if value is not None:
                return value
    return None


def number(found: list, name: str):
    *outer, name = name.split(".")
    for part in outer:
        found = [document[part] for document in found if isinstance(document, dict) and part in document]
    messages = named(found, "messages")
    if name == "cpu":
        seconds = named(found, "cpu_seconds")
        return seconds / messages * 1e6 if messages and seconds is not None else None
    value = named(found, name)
    if value is None and name == "rate":
        seconds = named(found, "seconds")
        value = messages / seconds if messages and seconds else None
    return value


def main() -> None:
    results, row, side, turn, name, path = sys.argv[1:7]
    value = number(documents(path), name)
    if value is None:
        print(f"  {row}: {path} says nothing of {name}", file=sys.stderr)
        return
    with open(results, "a", encoding="utf-8") as file:
        file.write(json.dumps({"row": row, "side": side, "round": int(turn), "value": value}) + "\n")
    print(f"  {row:<24} {side:<10} {value:12,.2f}")


main()
