"""Does one thing after the other at a broker, as several users, and says what the broker answered to each.

    broker_actions.py FILE

FILE is JSON: [{"user", "url", "actions": [[verb, name, ...], ...]}, ...], for the URLs hold passwords. Prints
{user: [code, ...]}: 0 where the broker did it, else the code with which it closed the channel or refused the login.
"""

import json
import sys

import pika
import pika.exceptions


def perform(channel, verb, names):
    if verb == "declare-exchange":
        channel.exchange_declare(names[0], names[1], durable=True)
    elif verb == "delete-exchange":
        channel.exchange_delete(names[0])
    elif verb == "passive-exchange":
        channel.exchange_declare(names[0], passive=True)
    elif verb == "bind-exchange":
        channel.exchange_bind(destination=names[1], source=names[0])
    elif verb == "unbind-exchange":
        channel.exchange_unbind(destination=names[1], source=names[0])
    elif verb == "declare-queue":
        channel.queue_declare(names[0], durable=True, arguments={"x-queue-type": "quorum"})
    elif verb == "declare-own-queue":
        channel.queue_declare("", exclusive=True)
    elif verb == "delete-queue":
        channel.queue_delete(names[0])
    elif verb == "passive-queue":
        channel.queue_declare(names[0], passive=True)
    elif verb == "bind-queue":
        channel.queue_bind(names[1], names[0], routing_key=names[2])
    elif verb == "unbind-queue":
        channel.queue_unbind(names[1], names[0], routing_key=names[2])
    elif verb == "publish":
        channel.confirm_delivery()
        channel.basic_publish(names[0], names[1], b"{}", pika.BasicProperties(delivery_mode=2))
    elif verb == "get":
        channel.basic_get(names[0], auto_ack=False)
    elif verb == "consume":
        channel.basic_consume(names[0], lambda *delivery: None)
    elif verb == "purge":
        channel.queue_purge(names[0])
    else:
        raise ValueError(verb)


def answers(url, actions):
    try:
        connection = pika.BlockingConnection(pika.URLParameters(url))
    except pika.exceptions.ProbableAuthenticationError:
        return [403] * len(actions)
    channel = None
    codes = []
    for verb, *names in actions:
        if channel is None or not channel.is_open:
            channel = connection.channel()
        try:
            perform(channel, verb, names)
            codes.append(0)
        except pika.exceptions.ChannelClosedByBroker as closed:
            codes.append(closed.reply_code)
            channel = None
        # What was taken goes back, and a consumer ends; a confirming channel is for publishing only.
        if channel is not None and verb in ("get", "consume", "publish"):
            channel.close()
            channel = None
    connection.close()
    return codes


with open(sys.argv[1]) as file:
    users = json.load(file)
json.dump({user["user"]: answers(user["url"], user["actions"]) for user in users}, sys.stdout)
