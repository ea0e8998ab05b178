"""Where the packaged templates stand: inside the package in a wheel, beside it in the sources."""

from pathlib import Path

_HERE = Path(__file__).parent
_PACKAGED = _HERE / "templates"
TEMPLATES = _PACKAGED if _PACKAGED.is_dir() else _HERE.parent / "templates" / "idp"
