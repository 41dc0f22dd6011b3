"""The chat: messages in SQLite, answers from the ai service, a rate limiter in memory."""

import json
import os
import urllib.request

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from pydantic import BaseModel, Field

import limiter
import messages

app = FastAPI(title="Chat", version="0.1.0")
messages.create_tables()
limit = limiter.Limiter(int(os.environ.get("RATE_LIMIT_PER_MINUTE", "30")))


class NewMessage(BaseModel):
    author: str = Field(min_length=1, max_length=40)
    text: str = Field(min_length=1, max_length=2000)


def limited(request: Request, x_real_ip: str = Header("")):
    """Refuses a caller who sends too much. Caddy tells who it is."""
    if not limit.allows(x_real_ip or request.client.host):
        raise HTTPException(429, "slow down", {"Retry-After": "60"})


@app.get("/health")
def health():
    return {"status": "ok", "messages": messages.count()}


@app.get("/api/messages")
def list_messages(after: int = 0):
    return messages.after(after)


@app.post("/api/messages", status_code=201, dependencies=[Depends(limited)])
def add_message(new: NewMessage):
    message = messages.add(new.author, new.text)
    if new.text.startswith("@ai"):
        messages.add("ai", ask(new.text.removeprefix("@ai").strip()))
    return message


def ask(question):
    """The answer of the ai service; the chat goes on without it."""
    body = json.dumps({"text": question}).encode()
    request = urllib.request.Request(os.environ["AI_URL"] + "/answer", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)["text"]
    except OSError:
        return "(no answer)"
