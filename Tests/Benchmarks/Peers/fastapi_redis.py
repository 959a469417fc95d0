"""What is often picked first: FastAPI, and Redis publish/subscribe. Nothing is kept, nobody confirms, nobody subscribes.

Run by `uvicorn --workers 2`. POST /orders is a plain function with the plain client, as most are written;
POST /async/orders the same with the asynchronous client.
"""

import json
import os
import uuid
from decimal import Decimal

import redis
import redis.asyncio
from fastapi import FastAPI
from pydantic import BaseModel, Field

CHANNEL = "order.created"

app = FastAPI()
plain = redis.Redis.from_url(os.environ["REDIS_URL"])
asynchronous = redis.asyncio.Redis.from_url(os.environ["REDIS_URL"])


class Order(BaseModel):
    user_id: int = Field(ge=1)
    product_id: int = Field(ge=1)
    quantity: int = Field(ge=1, le=10_000)
    price: Decimal = Field(ge=Decimal("0.01"), le=1_000_000, decimal_places=2)


def accepted(order: Order) -> dict:
    return {
        "id": str(uuid.uuid4()),
        "user_id": order.user_id,
        "product_id": order.product_id,
        "quantity": order.quantity,
        "price": float(order.price),
        "total": float(order.price * order.quantity),
    }


@app.get("/health")
def health() -> dict:
    return {"status": "ok"}


@app.post("/orders", status_code=201)
def create(order: Order) -> dict:
    document = accepted(order)
    plain.publish(CHANNEL, json.dumps(document))
    return {"status": "success", "order": document}


@app.post("/async/orders", status_code=201)
async def create_asynchronously(order: Order) -> dict:
    document = accepted(order)
    await asynchronous.publish(CHANNEL, json.dumps(document))
    return {"status": "success", "order": document}
