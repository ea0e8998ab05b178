"""French first, English complete."""

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from tests.signin.helpers import begin

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "idp" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None}
ENGLISH, FRENCH = '<html lang="en">', '<html lang="fr">'


def _english() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def _used() -> set[str]:
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call] # Babel's
    found = extract_from_dir(ROOT, methods, options, keywords=KEYWORDS)
    ids = (message for _file, _line, message, _comments, _context in found)
    return {message if isinstance(message, str) else message[0] for message in ids}


def _texts(catalogue: Catalog) -> list[tuple[object, object]]:
    """French and English, singular and plural."""
    pairs = [(message.id, message.string) for message in catalogue if message.id]
    return sorted((repr(_tuple(french)), repr(_tuple(english))) for french, english in pairs)


def _tuple(text: object) -> object:
    return tuple(text) if isinstance(text, list | tuple) else text


def test_every_text_is_translated() -> None:
    english = _english()
    missing = [text for text in _used() if not (found := english.get(text)) or not found.string]
    assert missing == []


def test_no_translation_is_left_over() -> None:
    known = {m.id if isinstance(m.id, str) else m.id[0] for m in _english() if m.id}
    assert known - _used() == set()


def test_placeholders_survive_translation() -> None:
    assert [error for message in _english() for error in message.check()] == []


def test_the_compiled_catalogue_is_the_written_one() -> None:
    compiled = read_mo(BytesIO(CATALOGUE.with_suffix(".mo").read_bytes()))
    assert _texts(compiled) == _texts(_english())


@pytest.mark.parametrize(
    ("accepted", "page"),
    [("fr-FR, en;q=0.5", FRENCH), ("en-GB", ENGLISH), ("de", FRENCH), ("", FRENCH)],
)
def test_the_browser_is_asked_for_its_language(
    browser: FlaskClient, accepted: str, page: str
) -> None:
    assert page in browser.get("/", headers={"Accept-Language": accepted}).text


def test_the_service_may_ask_for_a_language(browser: FlaskClient) -> None:
    """Core 3.1.2.1, `ui_locales`."""
    shown = browser.get(begin(browser, ui_locales="de en-GB"), headers={"Accept-Language": "fr"})
    assert ENGLISH in shown.text
    assert "National identifier" in shown.text


def test_the_choice_of_the_person_wins_and_is_kept(browser: FlaskClient) -> None:
    page = begin(browser, ui_locales="en")
    assert FRENCH in browser.get(page + "?lang=fr").text
    assert FRENCH in browser.get(page).text
    assert FRENCH in browser.get("/").text
