"""Empties a queue of a running `orderctl up` through the management API: purge.py UP.JSON QUEUE"""

import base64
import json
import sys
import urllib.parse
import urllib.request


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        up = json.load(file)
    broker = urllib.parse.urlsplit(up["rabbitmq"])
    management = urllib.parse.urlsplit(up["management"])
    address = f"{management.scheme}://{management.hostname}:{management.port}/api/queues/%2F/{sys.argv[2]}/contents"
    request = urllib.request.Request(address, method="DELETE")
    login = f"{urllib.parse.unquote(broker.username)}:{urllib.parse.unquote(broker.password)}"
    request.add_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    urllib.request.urlopen(request, timeout=60).close()


main()
