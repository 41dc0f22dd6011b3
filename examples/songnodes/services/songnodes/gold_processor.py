"""Consumes tracks.enriched: writes each track once and tells the open pages about it."""

import json
import os

import redis

from . import database, queues, web

UPSERT = """
WITH artist AS (
    INSERT INTO artists (name) VALUES (%(artist)s) ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name RETURNING id
), track AS (
    INSERT INTO tracks (artist_id, title, mix, bpm, key) SELECT id, %(title)s, %(mix)s, %(bpm)s, %(key)s FROM artist
    ON CONFLICT (artist_id, title, mix) DO UPDATE SET bpm = EXCLUDED.bpm, key = EXCLUDED.key RETURNING id
), playlist AS (
    INSERT INTO playlists (id, source) VALUES (%(playlist)s, %(source)s)
    ON CONFLICT (id) DO UPDATE SET source = EXCLUDED.source RETURNING id
)
INSERT INTO playlist_tracks (playlist_id, position, track_id) SELECT playlist.id, %(position)s, track.id FROM playlist, track
ON CONFLICT (playlist_id, position) DO UPDATE SET track_id = EXCLUDED.track_id
"""


def main():
    web.setup_logging()
    pages = redis.Redis.from_url(os.environ["REDIS_URL"])
    connection = database.connect()
    connection.autocommit = True

    def write(message, _channel):
        connection.execute(UPSERT, message)
        pages.publish(os.environ["CHANNEL"], json.dumps({"artist": message["artist"], "title": message["title"]}))

    queues.consume(queues.ENRICHED, write)


if __name__ == "__main__":
    main()
