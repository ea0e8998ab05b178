"""The design that all applications share, for a service: style sheet and components."""

import hashlib
from pathlib import Path
from typing import Any

from flask import (
    Flask,
    Response,
    abort,
    before_render_template,
    request,
    send_from_directory,
    url_for,
)
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, Template

_HERE = Path(__file__).parent
_PACKAGED = _HERE / "templates" / "design"
_FOLDER = _PACKAGED if _PACKAGED.is_dir() else _HERE.parent / "templates" / "design"
_LOADED = {".css", ".js"}
_YEAR = 31_536_000
_VERSION_LENGTH = 12


def init_app(app: Flask) -> None:
    """Serve the design at `/design/`, offer its components, and name the page to its base."""
    design = PrefixLoader({"design": FileSystemLoader(_FOLDER)})
    own = app.jinja_loader
    app.jinja_loader = ChoiceLoader([design, own] if own else [design])
    app.add_url_rule("/design/<filename>", "design", _serve)
    app.add_template_global(_address, "design")
    before_render_template.connect(_name_page, app)


def _serve(filename: str) -> Response:
    path = _FOLDER / filename
    if path.suffix not in _LOADED or not path.is_file():
        abort(404)
    response = send_from_directory(_FOLDER, filename)
    is_exact = request.args.get("v") == _version(path)
    kept = f"public, max-age={_YEAR}, immutable" if is_exact else "no-cache"
    response.headers["Cache-Control"] = kept
    return response


def _address(filename: str) -> str:
    """Where a page finds a file of the design: with what it holds, so that it is never stale."""
    return url_for("design", filename=filename, v=_version(_FOLDER / filename))


def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:_VERSION_LENGTH]


def _name_page(_app: Flask, *, template: Template, context: dict[str, Any], **_more: Any) -> None:
    """A page tells its template: tests know where they stand."""
    context["page"] = f"relying_services/{template.name}"
