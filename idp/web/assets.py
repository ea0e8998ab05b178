"""Files that pages load: the design that all applications share, and this application's own.

Their addresses carry what the files hold (`v`): they are kept for long, and never stale.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, current_app, request, send_from_directory, url_for
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader

from idp.resources import DESIGN

ENDPOINTS = {"static", "design"}
_LOADED = {".css", ".js"}
_YEAR = 31_536_000
_VERSION_LENGTH = 12


def init_app(app: Flask) -> None:
    """Serve the design at `/design/`, offer its components to templates, and write versions."""
    components = PrefixLoader({"design": FileSystemLoader(DESIGN)})
    own = app.jinja_loader
    app.jinja_loader = ChoiceLoader([components, own] if own else [components])
    app.add_url_rule("/design/<filename>", "design", _design)
    app.url_defaults(_add_version)
    app.add_template_global(_address, "design")


def cache_control() -> str:
    """How long the file that is asked for may be kept: a year under the address of its content."""
    values = request.view_args or {}
    version = _version(_folder(request.endpoint) / values.get("filename", ""))
    if version and request.args.get("v") == version:
        return f"public, max-age={_YEAR}, immutable"
    return "no-cache"


def _design(filename: str) -> Response:
    if Path(filename).suffix not in _LOADED:
        abort(404)
    return send_from_directory(DESIGN, filename)


def _address(filename: str) -> str:
    """Where a page finds a file of the design."""
    return url_for("design", filename=filename)


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint in ENDPOINTS:
        values.setdefault("v", _version(_folder(endpoint) / values["filename"]))


def _folder(endpoint: str | None) -> Path:
    return DESIGN if endpoint == "design" else Path(current_app.static_folder or "")


@cache
def _version(path: Path) -> str:
    """What a file holds, in a few digits; nothing where there is none."""
    if not path.is_file():
        return ""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:_VERSION_LENGTH]
