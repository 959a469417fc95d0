"""Passes TLS on, and cuts its first connection in the middle of a record of the server.

cutting_proxy.py <port of the server> <whole records to let through before the cut>
Prints "listening on <port>"; later connections pass untouched.
"""

import socket
import sys
import threading


def end(*sides):
    for side in sides:
        try:
            side.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    end(source, target)


def exactly(source, count):
    data = b""
    while len(data) < count:
        more = source.recv(count - len(data))
        if not more:
            raise OSError("closed")
        data += more
    return data


def cut(server, client, records):
    try:
        while True:
            header = exactly(server, 5)
            body = exactly(server, int.from_bytes(header[3:5], "big"))
            if records == 0:
                client.sendall(header + body[: len(body) // 2])
                print("cut", flush=True)
                break
            records -= 1
            client.sendall(header + body)
    except OSError:
        pass
    end(server, client)


def main():
    port, records = int(sys.argv[1]), int(sys.argv[2])
    listener = socket.create_server(("127.0.0.1", 0))
    print("listening on", listener.getsockname()[1], flush=True)
    is_first = True
    while True:
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", port))
        back = (cut, (server, client, records)) if is_first else (pump, (server, client))
        is_first = False
        threading.Thread(target=pump, args=(client, server), daemon=True).start()
        threading.Thread(target=back[0], args=back[1], daemon=True).start()


main()
