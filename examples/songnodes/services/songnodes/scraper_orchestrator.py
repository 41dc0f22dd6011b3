"""Decides which source is due and asks unified-scraper for it. Due times are in Redis, so a restart scrapes nothing twice."""

import json
import logging
import os
import threading
import time
import urllib.request

import redis

from . import web

INTERVAL = int(os.environ.get("SCRAPE_INTERVAL_SECONDS", "300"))
SCRAPER = os.environ["SCRAPER_URL"]
store = redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)


def call(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(SCRAPER + path, data), timeout=10) as answer:
        return json.load(answer)


def loop():
    while True:
        try:
            for source in call("/sources"):
                # Set only if absent, and gone by itself after the interval: that is the whole schedule.
                if store.set(f"scraped:{source}", int(time.time()), nx=True, ex=INTERVAL):
                    logging.info("%s gave %s tracks", source, call("/scrape", {"source": source})["published"])
        except (OSError, redis.RedisError) as problem:
            logging.warning("next round in 5 s: %s", problem)
        time.sleep(min(5, INTERVAL))


if __name__ == "__main__":
    web.setup_logging()
    threading.Thread(target=loop, daemon=True).start()
    web.serve({("GET", "/health"): lambda _q, _b: {"status": "ok", "redis": store.ping()}})
