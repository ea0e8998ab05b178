"""The design that all applications share: where it stands here, and its files."""

import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request, Response

ADDRESS = "/design/"

_HERE = Path(__file__).parent
_PACKAGED = _HERE / "templates" / "design"
_FOLDER = _PACKAGED if _PACKAGED.is_dir() else _HERE.parent / "templates" / "design"
_KINDS = {".css": "text/css", ".js": "text/javascript"}
_YEAR = 31_536_000
_VERSION_LENGTH = 12


def with_design(own: Path) -> BaseLoader:
    """Templates of a folder, and `design/components.html`."""
    design = PrefixLoader({"design": FileSystemLoader(_FOLDER)})
    return ChoiceLoader([design, FileSystemLoader(own)])


def design_address(filename: str) -> str:
    """Where a page finds a file of the design: with what it holds, so that it is never stale."""
    return f"{ADDRESS}{filename}?v={_version(_FOLDER / filename)}"


def serve_design(request: Request, filename: str) -> Response:
    """A style sheet or script of the design, kept for a year under the address of its content.

    Raises:
        NotFound: there is no such file to load.
    """
    path = _FOLDER / filename
    if path.suffix not in _KINDS or not path.is_file():
        raise NotFound
    kind = f"{_KINDS[path.suffix]}; charset=utf-8"
    response = Response(path.read_bytes(), HTTPStatus.OK, content_type=kind)
    is_exact = request.args.get("v") == _version(path)
    kept = f"public, max-age={_YEAR}, immutable" if is_exact else "no-cache"
    response.headers["Cache-Control"] = kept
    return response


@cache
def _version(path: Path) -> str:
    """What a file holds, in a few digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:_VERSION_LENGTH]
