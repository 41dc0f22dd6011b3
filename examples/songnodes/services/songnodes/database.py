"""PostgreSQL: PGHOST, PGUSER and PGDATABASE are read by the driver, the password comes from a file."""

import os
import pathlib

import psycopg
from psycopg.rows import dict_row


def connect():
    """A new connection whose rows are dictionaries."""
    password = pathlib.Path(os.environ["POSTGRES_PASSWORD_FILE"]).read_text(encoding="utf-8").strip()
    return psycopg.connect(password=password, connect_timeout=3, row_factory=dict_row)
