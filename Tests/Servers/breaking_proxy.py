"""Passes TLS on, and breaks one record of the server on its first connection.

breaking_proxy.py <port of the server> <cut|change> <whole records to let through before>
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


def break_one(server, client, way, records):
    try:
        while True:
            header = exactly(server, 5)
            body = exactly(server, int.from_bytes(header[3:5], "big"))
            if records == 0 and way == "cut":
                client.sendall(header + body[: len(body) // 2])
                print("broken", flush=True)
                break
            if records == 0:
                body = body[:-1] + bytes([body[-1] ^ 1])
                print("broken", flush=True)
            records -= 1
            client.sendall(header + body)
    except OSError:
        pass
    end(server, client)


def main():
    port, way, records = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    listener = socket.create_server(("127.0.0.1", 0))
    print("listening on", listener.getsockname()[1], flush=True)
    is_first = True
    while True:
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", port))
        back = (break_one, (server, client, way, records)) if is_first else (pump, (server, client))
        is_first = False
        threading.Thread(target=pump, args=(client, server), daemon=True).start()
        threading.Thread(target=back[0], args=back[1], daemon=True).start()


main()
