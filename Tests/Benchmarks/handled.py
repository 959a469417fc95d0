"""Waits until a worker has recorded so many events, and prints how fast it did: handled.py DATABASE EVENTS

From the first to the last moment that the events' own rows name, so that neither start nor connection count.
"""

import json
import sqlite3
import sys
import time
from datetime import datetime

LIMIT = 60.0
FACTS = "SELECT COUNT(*), MIN(handled_at), MAX(handled_at) FROM handled_events"


def facts(path: str) -> tuple:
    try:
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
    except sqlite3.OperationalError:
        return (0, None, None)
    try:
        return database.execute(FACTS).fetchone()
    except sqlite3.OperationalError:
        return (0, None, None)
    finally:
        database.close()


def main() -> None:
    path, wanted = sys.argv[1], int(sys.argv[2])
    limit = time.monotonic() + LIMIT
    count, first, last = facts(path)
    while count < wanted:
        if time.monotonic() > limit:
            sys.exit(f"{path}: {count} of {wanted} events after {LIMIT:.0f} s")
        time.sleep(0.25)
        count, first, last = facts(path)
    seconds = (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()
    print(json.dumps({"messages": count, "seconds": seconds, "rate": round((count - 1) / seconds, 1)}))


main()
