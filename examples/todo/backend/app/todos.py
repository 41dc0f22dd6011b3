"""The todos, in PostgreSQL. One connection per call: simple, and right behind a pooling provider."""

import os

import psycopg
from psycopg.rows import dict_row

COLUMNS = "id, title, done"


def connect():
    return psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=3, row_factory=dict_row)


def run(sql, *values):
    with connect() as connection:
        return connection.execute(sql, values).fetchall()


def reachable():
    try:
        run("SELECT 1 FROM todos LIMIT 1")
    except psycopg.Error:
        return False
    return True


def all():
    return run(f"SELECT {COLUMNS} FROM todos ORDER BY id")


def add(title):
    return run(f"INSERT INTO todos (title) VALUES (%s) RETURNING {COLUMNS}", title)[0]


def set_done(number, done):
    return first(run(f"UPDATE todos SET done = %s WHERE id = %s RETURNING {COLUMNS}", done, number))


def remove(number):
    return first(run(f"DELETE FROM todos WHERE id = %s RETURNING {COLUMNS}", number))


def first(rows):
    return rows[0] if rows else None
