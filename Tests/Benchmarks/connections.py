"""Holds many connections to an order service, half of them idle: connections.py URL COUNT SECONDS PID

Each has had one answer and stays open. The other half send POST /orders in turn, 500 a second in all; latency counts from
when an order was due. Prints as JSON how many answers of each status there were, connections that the service closed,
p50 and p99, and what the process PID held at most, before the orders and in all. Ends with 1 where an order has no 201.
"""

import collections
import json
import selectors
import socket
import sys
import time
import urllib.parse

RATE = 500.0
HEAD = "POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}"


def held(pid: int) -> float:
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) * 1024 / 1e6


def complete(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.split(b":")[1])
    return True


def exchange(client: socket.socket, request: bytes) -> bytes:
    client.sendall(request)
    answer = b""
    while not complete(answer):
        piece = client.recv(4096)
        if not piece:
            break
        answer += piece
    return answer


def main() -> None:
    address = urllib.parse.urlsplit(sys.argv[1])
    count, seconds, pid = int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
    clients = []
    for _ in range(count):
        client = socket.create_connection((address.hostname, address.port), timeout=10)
        answer = exchange(client, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 200"):
            sys.exit(f"connection {len(clients) + 1}: {answer[:80]!r}")
        client.setblocking(False)
        clients.append(client)
    opened = held(pid)

    selector = selectors.DefaultSelector()
    for number, client in enumerate(clients):
        selector.register(client, selectors.EVENT_READ, number)
    free, began = collections.deque(range(count // 2)), time.monotonic()
    due, sent, answers, closed, latencies = 0, {}, {}, 0, []
    total = int(seconds * RATE)
    while due < total or sent:
        now = time.monotonic()
        if now > began + seconds + 10:
            break
        while due < total and free and began + due / RATE <= now:
            number = free.popleft()
            body = '{"user_id":%d,"product_id":1,"quantity":1,"price":999.99}' % (due % 1000 + 1)
            try:
                clients[number].send(HEAD.format(len(body), body).encode())
                sent[number] = (began + due / RATE, b"")
            except OSError:
                closed += 1
            due += 1
        for key, _ in selector.select(0.001):
            number = key.data
            try:
                piece = clients[number].recv(4096)
            except OSError:
                piece = b""
            if not piece:
                closed += 1
                sent.pop(number, None)
                selector.unregister(clients[number])
                continue
            start, answer = sent.get(number, (now, b""))
            answer += piece
            if not complete(answer):
                sent[number] = (start, answer)
                continue
            sent.pop(number, None)
            free.append(number)
            status = answer[9:12].decode()
            answers[status] = answers.get(status, 0) + 1
            latencies.append((time.monotonic() - start) * 1000)
    latencies.sort()
    report = {"connections": count, "opened_MB": opened, "MB": held(pid), "answers": answers, "closed": closed}
    if latencies:
        report |= {"p50_ms": latencies[len(latencies) // 2], "p99_ms": latencies[int(len(latencies) * 0.99)]}
    print(json.dumps(report))
    sys.exit(answers != {"201": total})


main()
