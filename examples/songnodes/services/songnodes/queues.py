"""The two queues between the services. Both are durable: a restart of RabbitMQ loses no track."""

import json
import os
import pathlib

import pika

RAW, ENRICHED = "tracks.raw", "tracks.enriched"
ALIVE = pathlib.Path("/tmp/alive")


def connect():
    """A channel on which both queues exist."""
    connection = pika.BlockingConnection(pika.URLParameters(os.environ["RABBITMQ_URL"]))
    channel = connection.channel()
    for queue in (RAW, ENRICHED):
        channel.queue_declare(queue, durable=True)
    return channel


def publish(channel, queue, message):
    """Puts one message to disk before it returns to the caller's loop."""
    channel.basic_publish("", queue, json.dumps(message), pika.BasicProperties(delivery_mode=2))


def consume(queue, work):
    """Calls `work(message, channel)` for ever; a message is gone only after `work` returned."""
    channel = connect()
    channel.basic_qos(prefetch_count=int(os.environ.get("PREFETCH", "10")))
    for method, _properties, body in channel.consume(queue, inactivity_timeout=10):
        ALIVE.touch()  # the health check looks at its age
        if method is not None:
            work(json.loads(body), channel)
            channel.basic_ack(method.delivery_tag)
