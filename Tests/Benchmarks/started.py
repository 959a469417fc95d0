"""Starts a program and prints in how many milliseconds its /health/ready says 200: started.py PORT COMMAND…

It is ended again, by its id. Asked every 2 ms, by a connection that is new each time, as a load balancer would.
"""

import json
import socket
import subprocess
import sys
import time

REQUEST = b"GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
LIMIT = 20.0


def is_ready(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(REQUEST)
            return connection.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False


def main() -> None:
    port, command = int(sys.argv[1]), sys.argv[2:]
    began = time.monotonic()
    program = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not is_ready(port):
            if program.poll() is not None:
                sys.exit(f"{command[0]} ended with {program.returncode} before it was ready")
            if time.monotonic() - began > LIMIT:
                sys.exit(f"{command[0]} was not ready within {LIMIT:.0f} s")
            time.sleep(0.002)
        print(json.dumps({"ms": round((time.monotonic() - began) * 1000, 1)}))
    finally:
        program.terminate()
        program.wait()


main()
