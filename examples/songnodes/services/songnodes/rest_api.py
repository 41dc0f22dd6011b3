"""GET /api/tracks, /api/adjacency and /api/stats, kept in Redis for a few seconds."""

import json
import os

import redis

from . import database, web

CACHE_SECONDS = int(os.environ.get("CACHE_SECONDS", "10"))
cache = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=2)

TRACKS = """SELECT t.id, a.name AS artist, t.title, t.mix, t.bpm, t.key
            FROM tracks t JOIN artists a ON a.id = t.artist_id ORDER BY t.id LIMIT %s"""
ADJACENCY = "SELECT source, target, weight FROM adjacency ORDER BY weight DESC, source, target LIMIT %s"
STATS = """SELECT (SELECT count(*) FROM tracks) AS tracks, (SELECT count(*) FROM artists) AS artists,
                  (SELECT count(*) FROM playlists) AS playlists LIMIT %s"""


def cached(name, sql):
    def answer(query, _body):
        limit = min(int(query.get("limit", "500")), 5000)
        key = f"rest:{name}:{limit}"
        if CACHE_SECONDS and (hit := cache.get(key)):
            return json.loads(hit)
        with database.connect() as connection:
            rows = connection.execute(sql, [limit]).fetchall()
        if CACHE_SECONDS:
            cache.set(key, json.dumps(rows), ex=CACHE_SECONDS)
        return rows

    return answer


def health(_query, _body):
    with database.connect() as connection:
        connection.execute("SELECT 1")
    cache.ping()
    return {"status": "ok"}


if __name__ == "__main__":
    web.setup_logging()
    web.serve(
        {
            ("GET", "/health"): health,
            ("GET", "/api/tracks"): cached("tracks", TRACKS),
            ("GET", "/api/adjacency"): cached("adjacency", ADJACENCY),
            ("GET", "/api/stats"): cached("stats", STATS),
        }
    )
