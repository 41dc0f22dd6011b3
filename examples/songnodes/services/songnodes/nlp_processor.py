"""POST /parse: "Artist - Title (Mix)" becomes its three parts."""

import re

from . import web

LINE = re.compile(r"^(?P<artist>.+?)\s+[-–]\s+(?P<title>.+?)(?:\s*\((?P<mix>[^()]+)\))?$")


def parse(_query, body):
    match = LINE.match(" ".join(body["text"].split()))
    if not match:
        raise ValueError("expected: artist - title")
    return {name: value or "" for name, value in match.groupdict().items()}


if __name__ == "__main__":
    web.setup_logging()
    web.serve({("GET", "/health"): lambda _q, _b: {"status": "ok"}, ("POST", "/parse"): parse})
