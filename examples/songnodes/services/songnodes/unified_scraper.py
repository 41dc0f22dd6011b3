"""GET /sources, POST /scrape {"source"}: puts every line of a source's playlists into tracks.raw.

The sources are a mounted file, so that the example needs no other people's sites.
"""

import json
import os

from . import queues, web

with open(os.environ["SOURCES_FILE"], encoding="utf-8") as file:
    SOURCES = {source["name"]: source["playlists"] for source in json.load(file)["sources"]}


def scrape(_query, body):
    source, count = body["source"], 0
    channel = queues.connect()
    for number, playlist in enumerate(SOURCES[source], start=1):
        for position, text in enumerate(playlist, start=1):
            message = {"source": source, "playlist": f"{source}-{number}", "position": position, "text": text}
            queues.publish(channel, queues.RAW, message)
            count += 1
    channel.connection.close()
    return {"published": count}


if __name__ == "__main__":
    web.setup_logging()
    web.serve(
        {
            ("GET", "/health"): lambda _q, _b: {"status": "ok"},
            ("GET", "/sources"): lambda _q, _b: list(SOURCES),
            ("POST", "/scrape"): scrape,
        }
    )
