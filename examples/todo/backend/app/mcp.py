"""POST /mcp: the Model Context Protocol over plain HTTP, without a session: every request stands for itself."""

import hmac
import json
import os

from fastapi import APIRouter, Header, HTTPException, Request, Response

from . import todos

router = APIRouter()
NUMBER = {"type": "integer", "description": "The id of the todo"}
TOOLS = {
    "list_todos": ("All todos.", {}, lambda _: todos.all()),
    "add_todo": ("Adds a todo.", {"title": {"type": "string"}}, lambda a: todos.add(a["title"])),
    "finish_todo": ("Marks a todo as done.", {"id": NUMBER}, lambda a: todos.set_done(a["id"], True)),
    "remove_todo": ("Removes a todo.", {"id": NUMBER}, lambda a: todos.remove(a["id"])),
}


@router.post("/mcp")
async def mcp(request: Request, authorization: str = Header("")):
    expected = f"Bearer {os.environ['MCP_TOKEN']}"
    if not hmac.compare_digest(authorization.encode(), expected.encode()):
        raise HTTPException(401, "a bearer token is needed", {"WWW-Authenticate": "Bearer"})
    call = await request.json()
    if "id" not in call:  # a notification wants no answer
        return Response(status_code=202)
    answer = {"jsonrpc": "2.0", "id": call["id"]}
    try:
        return answer | {"result": METHODS[call["method"]](call.get("params") or {})}
    except KeyError as missing:
        return answer | {"error": {"code": -32601, "message": f"unknown method, tool or argument: {missing}"}}


def initialize(params):
    return {
        "protocolVersion": params.get("protocolVersion", "2025-06-18"),
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "todo", "version": "0.1.0"},
    }


def list_tools(_params):
    return {
        "tools": [
            {
                "name": name,
                "description": text,
                "inputSchema": {"type": "object", "properties": properties, "required": list(properties)},
            }
            for name, (text, properties, _run) in TOOLS.items()
        ]
    }


def call_tool(params):
    _text, _properties, run = TOOLS[params["name"]]
    value = run(params.get("arguments") or {})
    return {"content": [{"type": "text", "text": json.dumps(value)}], "isError": value is None}


METHODS = {"initialize": initialize, "ping": lambda _: {}, "tools/list": list_tools, "tools/call": call_tool}
