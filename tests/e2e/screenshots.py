"""The pictures of the documentation, taken where the tests of the browser stand.

python -m tests.e2e.screenshots

Every state looked at can be pictured (`tests/e2e/looking.py`): this runs the modules that look at
the chosen ones, and makes what they leave small enough for a repository.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from tests.e2e.looking import PICTURES
from tests.e2e.pages import looks

DOCS = Path(__file__).parents[2] / "docs" / "pictures"
LARGEST = 60_000
"""Bytes of a picture."""
CHOSEN = (
    "identifier-light",
    "identifier-narrow",
    "waiting-light",
    "waiting-dark",
    "error-gone-narrow",
    "account-light",
    "account-sessions-dark",
    "screen-overview-light",
    "phone-request-narrow",
    "phone-pin-narrow",
    "reader-inserted-light",
    "console-person-light",
    "console-service-dark",
)
"""State and how it is shown: `light` and `dark` on a wide screen, `narrow` on 320 px."""

_WIDEST = 900
_COLOURS = 64
_TALLEST = 1020


def states() -> set[str]:
    """The states of the chosen pictures."""
    return {name.rpartition("-")[0] for name in CHOSEN}


def make_small(taken: Path, kept: Path) -> None:
    """One picture as the documentation shows it: no wider than a page, few colours."""
    with Image.open(taken) as picture:
        shown = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, _TALLEST)))
    if shown.width > _WIDEST:
        height = round(shown.height * _WIDEST / shown.width)
        shown = shown.resize((_WIDEST, height), Image.Resampling.LANCZOS)
    # A round of k-means keeps the true colour of what is small: a button among much text.
    few = shown.quantize(_COLOURS, kmeans=1, dither=Image.Dither.NONE)
    few.save(kept, optimize=True)


def main() -> int:
    """Take them all; exit status of the tests that took them: where one fails, none is replaced."""
    wanted = [look.place for look in looks() if any(look.look_at(state) for state in states())]
    modules = [str(Path(__file__).parent / place) for place in wanted]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pytest", "-q", *modules]
        done = subprocess.run(command, env=os.environ | {PICTURES: folder}, check=False)
        if done.returncode:
            return done.returncode
        DOCS.mkdir(parents=True, exist_ok=True)
        for old in DOCS.glob("*.png"):
            old.unlink()
        for name in CHOSEN:
            make_small(Path(folder, f"{name}.png"), DOCS / f"{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
