"""Drains a quorum queue: takes each order out of the stock once, by one SQLite transaction an event, and acknowledges it.

With pika's blocking connection and the sqlite3 of the standard library in one thread: the fastest of the Python clients
here, since nothing is handed from task to task. As durable as ours: write-ahead log, and every commit on the disk
(synchronous=FULL).
"""

import datetime
import json
import os
import sqlite3
import sys

import pika

QUEUE, DATABASE = sys.argv[1:3]


def opened() -> sqlite3.Connection:
    database = sqlite3.connect(DATABASE, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE IF NOT EXISTS stock (product_id INTEGER PRIMARY KEY, stock INTEGER NOT NULL)")
    database.execute("CREATE TABLE IF NOT EXISTS handled_events (event_id TEXT PRIMARY KEY, handled_at TEXT NOT NULL)")
    database.executemany("INSERT OR IGNORE INTO stock VALUES (?, 1000000000)", [(product,) for product in range(1, 13)])
    return database


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def main() -> None:
    database = opened()

    def handle(channel, method, properties, body) -> None:
        order = json.loads(body)
        database.execute("BEGIN IMMEDIATE")
        new = database.execute("INSERT OR IGNORE INTO handled_events VALUES (?, ?)", (properties.message_id, now()))
        if new.rowcount == 1:
            database.execute(
                "UPDATE stock SET stock = stock - ? WHERE product_id = ?", (order["quantity"], order["product_id"])
            )
        database.execute("COMMIT")
        channel.basic_ack(method.delivery_tag)

    channel = pika.BlockingConnection(pika.URLParameters(os.environ["RABBITMQ_URL"] + "/%2F")).channel()
    channel.queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
    channel.basic_qos(prefetch_count=500)
    channel.basic_consume(QUEUE, handle)
    channel.start_consuming()


main()
