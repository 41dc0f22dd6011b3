"""A small JSON server: enough for services that only talk to each other."""

import json
import logging
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


def setup_logging():
    """JSON lines on stdout, for whoever collects them."""
    logging.basicConfig(
        stream=sys.stdout,
        level=os.environ.get("LOG_LEVEL", "info").upper(),
        format='{"time": "%(asctime)s", "level": "%(levelname)s", "logger": "%(name)s", "message": "%(message)s"}',
    )
    logging.getLogger("pika").setLevel("WARNING")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def serve(routes):
    """Serves `routes`, ("GET", "/path") -> function(query, body) -> JSON value, until SIGTERM."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            url = urlsplit(self.path)
            route = routes.get((self.command, url.path))
            if route is None:
                return self.reply(404, {"error": "not found"})
            try:
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "null")
                self.reply(200, route(dict(parse_qsl(url.query)), body))
            except (ValueError, KeyError) as problem:
                self.reply(400, {"error": str(problem)})
            except Exception as problem:  # a store that is away must not end the server
                logging.exception("request failed")
                self.reply(503, {"error": type(problem).__name__})

        do_GET = do_POST = answer

        def reply(self, status, value):
            data = json.dumps(value, default=str).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format, *args):
            logging.getLogger("http").debug(format, *args)

    port = int(os.environ["PORT"])
    logging.info("listening on %s", port)
    ThreadingHTTPServer(("", port), Handler).serve_forever()
