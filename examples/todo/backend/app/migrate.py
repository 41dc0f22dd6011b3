"""Brings the database up to date: each file in `migrations` runs once, in name order, under a lock."""

import pathlib
import sys
import time

import psycopg

from . import todos

FOLDER = pathlib.Path(__file__).parent / "migrations"
LOCK = 8_301_147  # any number, the same for every replica


def migrate(connection):
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    connection.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, at TIMESTAMPTZ DEFAULT now())")
    done = {row["name"] for row in connection.execute("SELECT name FROM migrations")}
    for file in sorted(FOLDER.glob("*.sql")):
        if file.name not in done:
            connection.execute(file.read_text(encoding="utf-8"))
            connection.execute("INSERT INTO migrations (name) VALUES (%s)", [file.name])
            print("applied", file.name)


def main(attempts=5):
    for attempt in range(1, attempts + 1):
        try:
            with todos.connect() as connection:
                migrate(connection)
            print("the database is up to date")
            return
        except psycopg.OperationalError as problem:  # an external database may be asleep
            print(f"attempt {attempt} of {attempts}: {problem}", file=sys.stderr)
            time.sleep(2 * attempt)
    sys.exit("the database does not answer")


if __name__ == "__main__":
    main()
