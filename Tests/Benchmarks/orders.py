"""Adds old orders with their published events to an order service's store until it has so many: orders.py DATABASE ROWS

Beside the running service, in transactions short enough for it to wait. Returns when all of it is on the disk, so that
what is measured next does not wait for that.
"""

import os
import sqlite3
import sys

STEP = 20_000
ID = "printf('%08x-%04x-7000-8000-%012x', (ms >> 16), ms & 65535, n)"
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2), "
# A millisecond each, from 2024 on: before every order of today, as identifiers rise with time.
ROWS = NUMBERS + "rows AS (SELECT n, 1704067200000 + n AS ms FROM numbers) "
ORDERS = f"""INSERT INTO orders (id, user_id, product_id, quantity, price_minor, total_minor, currency, accepted_ms, event_id)
{ROWS} SELECT {ID}, n, 1, 1, 99999, 99999, 'USD', ms, {ID} FROM rows WHERE true ON CONFLICT DO NOTHING"""
EVENTS = f"""INSERT INTO events (at_ms, id, type, version, source, subject, body)
{ROWS} SELECT ms, {ID}, 'order.created', 1, '/order-service', {ID}, printf('{{"id":"%s","user_id":%d,"product_id":1,'
|| '"quantity":1,"price":999.99,"total":999.99,"currency":"USD","created_at":"2024-01-01T00:00:00.000Z"}}', {ID}, n)
FROM rows WHERE true ON CONFLICT DO NOTHING"""


def main() -> None:
    database = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    for first in range(1, int(sys.argv[2]) + 1, STEP):
        span = (first, min(first + STEP - 1, int(sys.argv[2])))
        database.execute("BEGIN IMMEDIATE")
        database.execute(ORDERS, span)
        database.execute(EVENTS, span)
        database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.sync()


main()
