"""A real HTTP server for tests that takes orders in turn well, in chunks, for the last time, not, without a word, and in gibberish."""
import itertools
import socketserver

ORDER = "/orders/01a20462-d694-7372-ab4a-964ca10f0d06"
turns = itertools.count()


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            while self.answer():
                pass
        except OSError:
            pass

    def answer(self):
        first = self.rfile.readline()
        if not first:
            return False
        length = 0
        while (line := self.rfile.readline().decode().strip()):
            if line.lower().startswith("content-length:"):
                length = int(line.split(":")[1])
        self.rfile.read(length)
        if not first.startswith(b"POST /shop/orders "):
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            return True
        created = f"HTTP/1.1 201 Created\r\nLocation: {ORDER}\r\n"
        turn = next(turns) % 6
        text = [
            f"{created}Content-Length: 2\r\n\r\n{{}}",
            f"{created}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n",
            f"{created}Connection: close\r\nContent-Length: 2\r\n\r\n{{}}",
            "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
            "",
            "What do you want from me?\r\n\r\n",
        ][turn]
        self.wfile.write(text.encode())
        return turn in (0, 1, 3)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
print("listening on", server.server_address[1], flush=True)
server.serve_forever()
