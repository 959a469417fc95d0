"""Takes a mail apart with Python's own `email` package and prints it as JSON.

usage: parse_mail.py FILE
"""
import email, email.policy, json, sys

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    mail = email.message_from_file(file, policy=email.policy.default)
leaves = [part for part in mail.walk() if not part.is_multipart()]
print(json.dumps({
    "headers": {name: str(value) for name, value in mail.items()},
    "parts": [[part.get_content_type(), part.get_content()] for part in leaves],
    "defects": len(mail.defects) + sum(len(part.defects) for part in leaves),
}))
