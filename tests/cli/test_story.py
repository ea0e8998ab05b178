"""`ecps-idp demo --story substitute` plays a whole replacement, for real, to its end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from idp.cli.demo_browser import Browser, Form
from tests.relying_services.test_together import free_base

TOLD = [
    # What each part of the story must have seen, in its order.
    "Invitation à une délégation",
    "Vous agissez en qualité de remplaçant de Solène MARGELLE",
    "Outside it, a transport order is refused",
    "Spécialité : « SM26 » sur votre carte, « médecine générale (SM54) » mémorisée",
    "Feuille de soins FSE-000001",
    "LOT-000001 of POSTE-1, billed for 899700990015, signed by 899700990023",
    "it is refused: “the batch: the signature does not hold over this content”",
    "The fund verified it, and answers: “accepté”.",
    "on all sides:",
    "He cannot bill any more",
    "His very next request is refused",
    "The whole path held.",
]


@pytest.mark.slow
def test_the_story_of_a_replacement_holds(tmp_path: Path) -> None:
    """EP-01, EP-04, EP-05, EP-06, EP-10, EP-17, SV-03 to SV-12, CP-15: one after the other.

    The first cards are made, the last request of the substitute is refused; journal and trace are
    joined by `sid` on the way.
    """
    base, folder = str(free_base()), str(tmp_path)
    command = [sys.executable, "-m", "idp.cli", "demo", "--once", "--story", "substitute"]
    done = subprocess.run(
        [*command, "--port-base", base, "--folder", folder],
        env={name: value for name, value in os.environ.items() if not name.startswith("ECPS_")},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    places = [done.stdout.find(line) for line in TOLD]
    assert -1 not in places, f"{TOLD[places.index(-1)]} is missing in:\n{done.stdout}"
    assert places == sorted(places)
    sides = done.stdout.partition("on all sides:")[2].partition("\n\n")[0]
    assert " provider " in sides
    assert "espacepro  act:sent done" in sides
    assert "billing    batch:sign done batch:LOT-000001 for 899700990015" in sides
    assert "service_outside for 899700990015" in sides


def test_the_browser_reads_choices_as_a_person_would_leave_them() -> None:
    text = (
        '<form method="post" action="/a"><select name="s"><option value="">-</option>'
        '<option value="b" selected>B</option></select><textarea name="t"></textarea>'
        '<input type="radio" name="r" value="1" checked><input type="radio" name="r" value="2">'
        "</form>"
    )
    page = Browser.read("http://localhost/", 200, text)
    assert page.forms == [Form("/a", "post", {"s": "b", "t": "", "r": "1"})]
    assert page.form_to("/a") is page.forms[0]
    assert page.form_to("/b") is None
