"""What is measured, beside what, and what is wanted: the rows of the table, in its order."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    name: str
    what: str
    unit: str
    yardstick: str
    # Of the ratio ours / yardstick; of ours itself where there is no yardstick.
    target: float | None
    # Whether more is better.
    more: bool = True


NOBODY = "-"
FASTAPI = "FastAPI + Redis, 2 processes"
FASTSTREAM = "FastStream, 2 workers"
C = "C, librabbitmq"
C_BATCH = "C, scheduled as ours"

ROWS = [
    Row("http", "POST /orders, durable, 32 connections", "/s", FASTAPI, 5),
    Row("http.tuned", "the same", "/s", FASTAPI + ", tuned", None),
    Row("http.p99", "our p99, their p50", "ms", FASTAPI, 1, more=False),
    Row("http.tuned.p99", "our p99, their p50", "ms", FASTAPI + ", tuned", None, more=False),
    Row("ceiling", "publish with confirms, to nowhere", "/s", C, 1.1),
    Row("ceiling.cpu", "processor of the client a message", "us", C, None, more=False),
    Row("ceiling.batch", "the same", "/s", C_BATCH, None),
    Row("ceiling.batch.cpu", "processor of the client a message", "us", C_BATCH, None, more=False),
    Row("publish.queue", "publish with confirms, one quorum queue", "/s", C, 0.95),
    Row("publish.queue.cpu", "processor of the client a message", "us", C, 1, more=False),
    Row("publish.queue.batch", "the same", "/s", C_BATCH, None),
    Row("publish.queue.batch.cpu", "processor of the client a message", "us", C_BATCH, None, more=False),
    Row("publish.fanout", "publish with confirms, three quorum queues", "/s", C, 0.95),
    Row("publish.fanout.cpu", "processor of the client a message", "us", C, 1, more=False),
    Row("publish.fanout.batch", "the same", "/s", C_BATCH, None),
    Row("publish.fanout.batch.cpu", "processor of the client a message", "us", C_BATCH, None, more=False),
    Row("consume", "drain through Worker, prefetch 500, no-op", "/s", C, 0.95),
    Row("consume.cpu", "processor of the client a message", "us", C, 1, more=False),
    Row("consume.batch", "the same", "/s", C_BATCH, None),
    Row("consume.batch.cpu", "processor of the client a message", "us", C_BATCH, None, more=False),
    Row("flow", "orders until both effects, 1000 under way", "/s", C + ", no HTTP, no store", 0.5),
    Row("flow.faststream", "the same", "/s", FASTSTREAM, 5),
    Row("flow.faststream.tuned", "the same", "/s", FASTSTREAM + ", 2 processes, tuned", None),
    Row("flow.p50", "500 orders/s, from the send to both effects", "ms", NOBODY, 10, more=False),
    Row("flow.p99", "500 orders/s, from the send to both effects", "ms", NOBODY, 40, more=False),
    Row("flow.most", "most orders/s to both effects, 1000 under way", "/s", NOBODY, None),
    Row("flow.busy", "80 % of that: p99 to both effects", "ms", NOBODY, 250, more=False),
    Row("hour.p50", "300 orders/s for an hour, to both effects", "ms", NOBODY, None, more=False),
    Row("hour.p99", "300 orders/s for an hour, to both effects", "ms", NOBODY, None, more=False),
    Row("sqlite", "drain, stock down and event id in SQLite", "/s", "pika, one transaction an event", 5),
    Row("memory.order-service", "resident, idle", "MB", NOBODY, 40, more=False),
    Row("memory.order-service.peak", "resident, most so far", "MB", NOBODY, 100, more=False),
    Row("memory.inventory", "resident, idle", "MB", NOBODY, 30, more=False),
    Row("memory.inventory.full", "resident, most while 1,000,000 wait", "MB", NOBODY, 60, more=False),
    Row("memory.notification", "resident, idle", "MB", NOBODY, 30, more=False),
    Row("memory.analytics", "resident, idle", "MB", NOBODY, 30, more=False),
    Row("start.order-service", "exec to ready", "ms", NOBODY, 250, more=False),
    Row("start.inventory", "exec to ready", "ms", NOBODY, 150, more=False),
    Row("start.notification", "exec to ready", "ms", NOBODY, 150, more=False),
    Row("start.analytics", "exec to ready", "ms", NOBODY, 150, more=False),
]
