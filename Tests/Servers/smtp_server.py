"""A real mail server for tests: aiosmtpd, told by a control file how to behave.

usage: smtp_server.py DIRECTORY [--port N] [--tls none|starttls|implicit] [--login USER PASSWORD] [--ascii]

DIRECTORY/control.json is read before each answer:
  {"mode": "accept" | "451" | "550" | "greet421" | "hang" | "keep" | "lose", "times": N}
`times` counts the refusals down to 0, then mails are accepted. `hang` takes no mail and never answers, `keep` takes it
and never answers, `lose` takes it and closes the connection instead. DIRECTORY/cert.pem and key.pem are the certificate.
DIRECTORY/log.jsonl has a line for each connection, login and mail; DIRECTORY/mail-N.eml is each mail as it came.
"""
import argparse, asyncio, json, os, ssl, sys

from aiosmtpd.smtp import SMTP, AuthResult

parser = argparse.ArgumentParser()
parser.add_argument("directory")
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--tls", default="none")
parser.add_argument("--login", nargs=2)
parser.add_argument("--ascii", action="store_true")
options = parser.parse_args()


def path(name):
    return os.path.join(options.directory, name)


def control():
    try:
        with open(path("control.json")) as file:
            return json.load(file)
    except (FileNotFoundError, ValueError):
        return {"mode": "accept"}


def mode():
    """The mode of now; a refusal with a count is used up."""
    wanted = control()
    if "times" in wanted:
        if wanted["times"] <= 0:
            return "accept"
        wanted["times"] -= 1
        with open(path("control.tmp"), "w") as file:
            json.dump(wanted, file)
        os.replace(path("control.tmp"), path("control.json"))
    return wanted["mode"]


def log(event, **facts):
    with open(path("log.jsonl"), "a") as file:
        file.write(json.dumps({"event": event, **facts}) + "\n")


class Handler:
    count = 0

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        wanted = control()["mode"]
        if wanted in ("451", "550"):
            code = mode()
            if code != "accept":
                log("refused", code=code)
                text = "4.7.1 Greylisted, try again" if code == "451" else f"5.1.1 <{address}> no such user"
                return f"{code} {text}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        wanted = control()["mode"]
        if wanted == "hang" and mode() == "hang":
            log("hanging")
            await asyncio.sleep(3600)
        Handler.count += 1
        name = f"mail-{Handler.count}.eml"
        with open(path(name), "wb") as file:
            file.write(envelope.content)
        log(
            "mail", file=name, sender=envelope.mail_from, recipients=envelope.rcpt_tos,
            tls=server.transport.get_extra_info("sslcontext") is not None, authenticated=session.authenticated, utf8="SMTPUTF8" in envelope.mail_options,
        )
        if wanted == "keep" and mode() == "keep":
            await asyncio.sleep(3600)
        if wanted == "lose" and mode() == "lose":
            server.transport.abort()
        return "250 OK"


class Server(SMTP):
    def connection_made(self, transport):
        wanted = control()["mode"]
        log("connection", mode=wanted)
        if wanted == "greet421":
            transport.write(b"421 4.3.2 Not now\r\n")
            transport.close()
            return
        super().connection_made(transport)


def authenticate(server, session, envelope, mechanism, data):
    good = [data.login.decode(), data.password.decode()] == options.login
    log("login", mechanism=mechanism, good=good)
    return AuthResult(success=good, handled=False)


async def main():
    context = None
    if options.tls != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path("cert.pem"), path("key.pem"))

    def factory():
        return Server(
            Handler(), hostname="mail.test", enable_SMTPUTF8=not options.ascii,
            tls_context=context if options.tls == "starttls" else None,
            require_starttls=options.tls == "starttls",
            authenticator=authenticate if options.login else None, auth_required=options.login is not None,
            auth_require_tls=options.tls == "starttls",
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        factory, "127.0.0.1", options.port, ssl=context if options.tls == "implicit" else None
    )
    print("listening on", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


try:
    asyncio.run(main())
except KeyboardInterrupt:
    sys.exit(0)
