"""A real HTTP server for tests that misbehaves as the path says, and prints the first line of each request.

/long?status=N&size=N  answers with that status, `Retry-After: 7` and so many bytes, or without an end
/headers?status=N      answers with that status, `Retry-After: 7` and headers without an end
/interim               answers with interim answers without an end
/vanish                answers the first request of a connection, and closes at the next one without a byte
/count                 answers with the number of requests for /vanish so far
"""
import socketserver
import threading
from urllib.parse import parse_qs, urlsplit

vanished = 0
lock = threading.Lock()


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            number = 0
            while self.answer(number):
                number += 1
        except OSError:
            pass

    def answer(self, number):
        global vanished
        first = self.rfile.readline().decode()
        if not first:
            return False
        length = 0
        while (line := self.rfile.readline().decode().strip()):
            if line.lower().startswith("content-length:"):
                length = int(line.split(":")[1])
        self.rfile.read(length)
        print(first.strip(), flush=True)
        url = urlsplit(first.split()[1])
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        head = f"HTTP/1.1 {query.get('status', 200)} X\r\nRetry-After: 7\r\n"
        if url.path == "/vanish":
            with lock:
                vanished += 1
            if number > 0:
                return False
        if url.path == "/headers":
            self.wfile.write(head.encode())
            while True:
                self.wfile.write(b"X-Filler: " + b"x" * 1000 + b"\r\n")
        if url.path == "/interim":
            while True:
                self.wfile.write(b"HTTP/1.1 103 Early\r\nX-Filler: x\r\n\r\n" * 100)
        if url.path == "/long" and "size" not in query:
            self.wfile.write(f"{head}Connection: close\r\n\r\n".encode())
            while True:
                self.wfile.write(b"x" * 10000)
        body = b"x" * int(query.get("size", 0))
        if url.path == "/count":
            body = str(vanished).encode()
        self.wfile.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        return True


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
print("listening on", server.server_address[1], flush=True)
server.serve_forever()
