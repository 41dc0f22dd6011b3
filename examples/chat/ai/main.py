"""POST /answer {"text"}: one sentence back. A handful of rules, so that the example needs no account anywhere."""

import os
import pathlib

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI(title="Chat AI", version="0.1.0")
PROMPT = pathlib.Path(os.environ["PROMPT_FILE"]).read_text(encoding="utf-8").strip()
RULES = {"hello": "Hello.", "help": "Ask me anything; I know four words.", "thanks": "You are welcome."}


class Question(BaseModel):
    text: str


@app.get("/health")
def health():
    return {"status": "ok", "prompt_characters": len(PROMPT)}


@app.post("/answer")
def answer(question: Question):
    words = question.text.lower().split()
    known = next((RULES[word.strip("?!.,")] for word in words if word.strip("?!.,") in RULES), None)
    return {"text": known or f"I have no rule for a question of {len(words)} words."}
