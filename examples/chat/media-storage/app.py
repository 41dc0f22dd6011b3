"""POST /media/ takes a picture, GET /media/NAME gives it back. Files are named by their content."""

import hashlib
import os
import pathlib

from flask import Flask, abort, jsonify, request, send_from_directory

ROOT = pathlib.Path(os.environ.get("MEDIA_ROOT", "/srv/media"))
TYPES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = int(os.environ.get("MAX_UPLOAD_MB", "10")) << 20


@app.get("/health")
def health():
    return jsonify(status="ok", writable=os.access(ROOT, os.W_OK))


@app.post("/media/")
def upload():
    extension = TYPES.get(request.mimetype) or abort(415)
    data = request.get_data()
    name = f"{hashlib.sha256(data).hexdigest()[:32]}.{extension}"
    (ROOT / name).write_bytes(data)
    return jsonify(url=f"/media/{name}"), 201


@app.get("/media/<name>")
def download(name):
    return send_from_directory(ROOT, name, max_age=86400)
