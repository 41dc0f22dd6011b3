"""Consumes tracks.raw: asks nlp-processor for the parts of the line and adds tempo and key."""

import hashlib
import json
import logging
import os
import urllib.error
import urllib.request

from . import queues, web

KEYS = [f"{number}{letter}" for number in range(1, 13) for letter in "AB"]


def parse(text):
    request = urllib.request.Request(
        os.environ["NLP_URL"] + "/parse", json.dumps({"text": text}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)


def enrich(message, channel):
    try:
        track = parse(message["text"])
    except urllib.error.HTTPError as problem:
        if problem.code != 400:
            raise
        logging.warning("dropped an unreadable line from %s", message["source"])
        return
    # A stand-in for a music database: the same track always gets the same figures.
    digest = hashlib.sha256(f"{track['artist']}/{track['title']}".encode()).digest()
    track |= {"bpm": 90 + digest[0] % 60, "key": KEYS[digest[1] % len(KEYS)]}
    queues.publish(channel, queues.ENRICHED, message | track)


if __name__ == "__main__":
    web.setup_logging()
    queues.consume(queues.RAW, enrich)
