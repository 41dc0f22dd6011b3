"""POST /compile: LilyPond notation in, SVG out. No state; one request never sees another's files."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import engraver

PORT = int(os.environ.get("PORT", "8082"))
MAX_NOTES = int(os.environ.get("MAX_NOTES", "2000"))
TIMEOUT = int(os.environ.get("LILYPOND_TIMEOUT_SECONDS", "20"))
MAX_BODY = 256 * 1024
LILYPOND = shutil.which("lilypond")


def compile_source(source):
    """The SVG of `source`, by LilyPond where it is installed."""
    if not LILYPOND:
        return engraver.svg(source, MAX_NOTES)
    with tempfile.TemporaryDirectory() as folder:
        command = [LILYPOND, "--svg", "-dno-point-and-click", "-o", f"{folder}/score", "-"]
        done = subprocess.run(command, input=source, text=True, capture_output=True, timeout=TIMEOUT, check=False)
        if done.returncode:
            raise ValueError(done.stderr.strip()[-500:])
        with open(f"{folder}/score.svg", encoding="utf-8") as file:
            return file.read()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/health":
            return self.reply(404, "application/json", '{"error": "not found"}')
        engine = "lilypond" if LILYPOND else "built-in"
        self.reply(200, "application/json", json.dumps({"status": "ok", "engine": engine}))

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != "/compile" or not 0 < length <= MAX_BODY:
            return self.reply(400, "application/json", '{"error": "POST up to 256 KiB to /compile"}')
        try:
            picture = compile_source(self.rfile.read(length).decode("utf-8"))
        except (ValueError, subprocess.TimeoutExpired) as problem:
            return self.reply(422, "application/json", json.dumps({"error": str(problem)}))
        self.reply(200, "image/svg+xml", picture)

    def reply(self, status, kind, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        if self.path != "/health":  # probes would drown everything else
            print(json.dumps({"request": format % args}))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(json.dumps({"listening": PORT, "engine": "lilypond" if LILYPOND else "built-in"}))
    ThreadingHTTPServer(("", PORT), Handler).serve_forever()
