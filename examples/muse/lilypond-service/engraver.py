"""Draws a melody in LilyPond notation as SVG: one staff, notes by their letter, `'` and `,` for octaves."""

import re

NOTE = re.compile(r"(?<![\\a-z])([a-gr])(is|es|s)?([',]*)(\d+)?(?![a-z])")
STEP = {name: index for index, name in enumerate("cdefgab")}
GAP = 10  # between two lines of the staff


def notes(source, limit):
    """The notes of `source` as (step, duration); step 0 is middle c, a rest is None."""
    found, duration = [], 4
    body = re.sub(r"%[^\n]*|\"[^\"]*\"|\\[a-zA-Z]+", " ", source)
    for name, _accidental, octave, length in NOTE.findall(body):
        duration = int(length or duration)
        step = None if name == "r" else STEP[name] + 7 * (octave.count("'") - octave.count(",") - 1)
        found.append((step, duration))
        if len(found) > limit:
            raise ValueError(f"more than {limit} notes")
    if not found:
        raise ValueError("no notes found")
    return found


def svg(source, limit=2000):
    """The whole picture."""
    melody = notes(source, limit)
    width, top = 60 + 28 * len(melody), 60
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="160" role="img">']
    for line in range(5):
        y = top + line * GAP
        parts.append(f'<line x1="10" x2="{width - 10}" y1="{y}" y2="{y}" stroke="#444"/>')
    for index, (step, duration) in enumerate(melody):
        x = 40 + 28 * index
        if step is None:
            parts.append(f'<rect x="{x - 5}" y="{top + 12}" width="10" height="6"/>')
            continue
        y = top + 5 * GAP - step * GAP / 2
        fill = "none" if duration <= 2 else "#111"
        parts.append(f'<ellipse cx="{x}" cy="{y}" rx="6" ry="4.5" fill="{fill}" stroke="#111"/>')
        if duration > 1:
            parts.append(f'<line x1="{x + 6}" x2="{x + 6}" y1="{y}" y2="{y - 32}" stroke="#111"/>')
    parts.append("</svg>")
    return "".join(parts)
