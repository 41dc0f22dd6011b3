"""Waits until what was scraped has come through every queue and store, and is drawn."""

import json
import os
import sys
import time
import urllib.request

BASE, DEADLINE = os.environ["BASE_URL"], time.monotonic() + float(os.environ["DEADLINE_SECONDS"])
EXPECTED = {"tracks": 7, "artists": 4, "playlists": 4}  # what config/sources.json holds


def get(path):
    with urllib.request.urlopen(BASE + path, timeout=5) as answer:
        return json.load(answer)


while True:
    try:
        stats, graph = get("/api/stats")[0], get("/graph")
        if stats == EXPECTED and len(graph["nodes"]) == 7 and graph["edges"]:
            print("ok:", stats, len(graph["edges"]), "edges")
            sys.exit(0)
        print("not yet:", stats)
    except OSError as problem:
        print("not yet:", problem)
    if time.monotonic() > DEADLINE:
        sys.exit("the pipeline did not deliver in time")
    time.sleep(2)
