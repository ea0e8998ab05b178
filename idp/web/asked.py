"""What the address of a list asks for: where it goes on, and what it is narrowed to."""

import re

from flask import request

_NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)


def number(text: str) -> int:
    """The number that a text is; 0 where it is none."""
    return int(text) if _NUMBER.fullmatch(text.strip()) else 0


def asked_number(name: str) -> int:
    """The number that the address gives under a name; 0 where it gives none."""
    return number(request.args.get(name, ""))


def asked_text(name: str, longest: int = 200) -> str:
    """What the address gives under a name, without spaces around it or line breaks in it."""
    typed = request.args.get(name, "")[:longest]
    return "".join(filter(str.isprintable, typed)).strip()
