"""Profiles for tests: whole ones, changed a little."""

from pathlib import Path

SMALL = """
name = "twelve"
seed = 7

[provider]
url = "{url}"

[people]
count = 12
pin = "each"
pictures = 0.1

[arrival]
curve = "constant"
rate = 12

[run]
duration = 2
web = 0.5
ciba = 0.5
threads = 4

[[mix]]
do = "approve"
weight = 14

[[mix]]
do = "refuse"
weight = 2

[[mix]]
do = "not_me"
weight = 1

[[mix]]
do = "wrong_pin"
times = 1
weight = 2

[[mix]]
do = "wrong_pin"
times = 3
weight = 1

[[mix]]
do = "wrong_number"
weight = 1

[[mix]]
do = "replay"
weight = 1

[[mix]]
do = "lose_answer"
weight = 1

[[mix]]
do = "ignore"
weight = 1
"""


def write(folder: Path, url: str = "http://localhost:8000", *changes: tuple[str, str]) -> Path:
    """A profile of twelve phones and twenty-four sign-ins; each change replaces a text in it."""
    text = SMALL.replace("{url}", url)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = folder / "profile.toml"
    path.write_text(text, encoding="utf-8")
    return path
