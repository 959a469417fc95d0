"""The nearest to ours in Python: FastAPI and FastStream on RabbitMQ, persistent events with confirms, two quorum queues.

`uvicorn --workers 2 faststream_flow:app` answers POST /orders with 201 when the broker has confirmed the event; there is
no outbox, so an order is lost with the process. `python faststream_flow.py notification` (and `inventory`) is a worker:
like the first draft of most, one says something, the other counts down a dictionary, and neither keeps anything.
"""

import asyncio
import os
import sys
import uuid
from contextlib import asynccontextmanager
from decimal import Decimal

from fastapi import FastAPI
from faststream import FastStream
from faststream.rabbit import Channel, ExchangeType, QueueType, RabbitBroker, RabbitExchange, RabbitQueue
from pydantic import BaseModel, Field

EVENTS = RabbitExchange("peer.events", type=ExchangeType.FANOUT, durable=True)

broker = RabbitBroker(
    os.environ["RABBITMQ_URL"] + "/%2F",
    default_channel=Channel(prefetch_count=100, publisher_confirms=True),
    logger=None,
)


class Order(BaseModel):
    user_id: int = Field(ge=1)
    product_id: int = Field(ge=1)
    quantity: int = Field(ge=1, le=10_000)
    price: Decimal = Field(ge=Decimal("0.01"), le=1_000_000, decimal_places=2)


class OrderCreated(Order):
    id: str
    total: Decimal


@asynccontextmanager
async def connected(_: FastAPI):
    await broker.start()
    await broker.declare_exchange(EVENTS)
    yield
    await broker.stop()


app = FastAPI(lifespan=connected)


@app.get("/health")
async def health() -> dict:
    return {"status": "ok"}


@app.post("/orders", status_code=201)
async def create(order: Order) -> dict:
    event = OrderCreated(id=str(uuid.uuid4()), total=order.price * order.quantity, **order.model_dump())
    await broker.publish(event, exchange=EVENTS, persist=True, message_id=event.id, message_type="order.created")
    return {"status": "success", "order": event}


def queue(service: str) -> RabbitQueue:
    return RabbitQueue(f"peer.{service}", durable=True, queue_type=QueueType.QUORUM)


def notify(order: OrderCreated) -> None:
    print(f"NOTIFICATION: Sending email to user {order.user_id}: ${order.total}")


stock: dict[int, int] = {}


def count_down(order: OrderCreated) -> None:
    stock[order.product_id] = stock.get(order.product_id, 10**9) - order.quantity
    print(f"INVENTORY: Updated product {order.product_id}, remaining {stock[order.product_id]}")


def work(service: str) -> None:
    handler = {"notification": notify, "inventory": count_down}[service]

    @broker.subscriber(queue(service), EVENTS)
    async def handle(order: OrderCreated) -> None:
        handler(order)

    asyncio.run(FastStream(broker).run())


if __name__ == "__main__":
    work(sys.argv[1])
