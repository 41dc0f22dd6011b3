"""The HTTP API. The same four operations are offered to language models in `mcp.py`."""

import logging
import os

from fastapi import FastAPI, HTTPException, Response
from pydantic import BaseModel, Field

from . import mcp, todos

logging.basicConfig(level=os.environ.get("LOG_LEVEL", "info").upper())
app = FastAPI(title="Todo", version="0.1.0")
app.include_router(mcp.router)


class NewTodo(BaseModel):
    title: str = Field(min_length=1, max_length=200)


class Change(BaseModel):
    done: bool


@app.get("/health")
def health():
    """This process works. It asks nobody else, so a database that is away restarts nothing."""
    return {"status": "ok"}


@app.get("/ready")
def ready(response: Response):
    """Requests can be served: the database answers."""
    if todos.reachable():
        return {"status": "ready"}
    response.status_code = 503
    return {"status": "waiting for the database"}


@app.get("/api/todos")
def list_todos():
    return todos.all()


@app.post("/api/todos", status_code=201)
def add_todo(new: NewTodo):
    return todos.add(new.title)


@app.patch("/api/todos/{number}")
def change_todo(number: int, change: Change):
    return found(todos.set_done(number, change.done))


@app.delete("/api/todos/{number}", status_code=204)
def remove_todo(number: int):
    found(todos.remove(number))


def found(todo):
    if todo is None:
        raise HTTPException(404, "no such todo")
    return todo
