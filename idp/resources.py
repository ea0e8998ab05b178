"""Where the packaged templates stand: inside the package in a wheel, beside it in the sources."""

from pathlib import Path

_HERE = Path(__file__).parent
_PACKAGED = _HERE / "templates"
_IS_PACKAGED = _PACKAGED.is_dir()
TEMPLATES = _PACKAGED if _IS_PACKAGED else _HERE.parent / "templates" / "idp"
DESIGN = (TEMPLATES if _IS_PACKAGED else TEMPLATES.parent) / "design"
"""What all applications look like: style sheet, scripts, components of templates."""
