"""A real HTTP server for tests that verifies signatures with Python's own hmac.

usage: webhook_server.py DIRECTORY SECRET [--port N]

DIRECTORY/control.json is read before each answer: {"status": 200, "headers": {"Retry-After": "1"}, "times": N};
`times` counts down to 0, then requests are accepted. DIRECTORY/log.jsonl has a line for each request.
"""
import argparse, hashlib, hmac, json, os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

parser = argparse.ArgumentParser()
parser.add_argument("directory")
parser.add_argument("secret")
parser.add_argument("--port", type=int, default=0)
options = parser.parse_args()


def path(name):
    return os.path.join(options.directory, name)


def control():
    try:
        with open(path("control.json")) as file:
            wanted = json.load(file)
    except (FileNotFoundError, ValueError):
        return {"status": 200}
    if "times" in wanted:
        if wanted["times"] <= 0:
            return {"status": 200}
        wanted["times"] -= 1
        with open(path("control.tmp"), "w") as file:
            json.dump(wanted, file)
        os.replace(path("control.tmp"), path("control.json"))
    return wanted


def is_signed(header, body):
    parts = dict(part.split("=", 1) for part in header.split(","))
    expected = hmac.new(options.secret.encode(), parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts["v1"]) and abs(time.time() - int(parts["t"])) < 60


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = control()
        with open(path("log.jsonl"), "a") as file:
            file.write(json.dumps({
                "event": "request", "status": answer["status"], "key": self.headers["Idempotency-Key"],
                "signed": is_signed(self.headers["X-Signature"], body), "type": self.headers["Content-Type"],
                "body": json.loads(body),
            }) + "\n")
        self.send_response(answer["status"])
        for name, value in answer.get("headers", {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
print("listening on", server.server_address[1], flush=True)
server.serve_forever()
