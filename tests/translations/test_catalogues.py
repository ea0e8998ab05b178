"""French first, English complete: nothing is missing, doubtful or left over in a catalogue."""

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from tests.architecture.imports import ROOT

KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "_l": None}


class Application:
    """One application's texts: those it uses, and those that are translated."""

    def __init__(self, package: str, mapping: str) -> None:
        self.mapping = mapping
        self.path: Path = ROOT / package / "translations" / "en" / "LC_MESSAGES" / "messages.po"

    def english(self) -> Catalog:
        with self.path.open("rb") as file:
            return read_po(file, locale="en")

    def used(self) -> set[str]:
        with (ROOT / self.mapping).open(encoding="utf-8") as file:
            methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call] # Babel's
        found = extract_from_dir(ROOT, methods, options, keywords=KEYWORDS)
        ids = (message for _file, _line, message, _comments, _context in found)
        return {message if isinstance(message, str) else message[0] for message in ids}


@pytest.fixture(
    scope="module",
    params=[("idp", "babel.cfg"), ("relying_services", "babel-services.cfg")],
    ids=["idp", "relying_services"],
)
def application(request: pytest.FixtureRequest) -> Application:
    return Application(*request.param)


def test_every_text_is_translated(application: Application) -> None:
    english = application.english()
    missing = [
        text
        for text in application.used()
        if not (found := english.get(text)) or not all(_forms(found.string))
    ]
    assert missing == []


def test_no_translation_is_a_guess(application: Application) -> None:
    """A fuzzy one is not compiled: the page would show French."""
    english = application.english()
    assert not english.fuzzy
    assert [message.id for message in english if message.id and message.fuzzy] == []


def test_no_translation_is_left_over(application: Application) -> None:
    known = {_forms(message.id)[0] for message in application.english() if message.id}
    assert known - application.used() == set()


def test_placeholders_survive_translation(application: Application) -> None:
    assert [error for message in application.english() for error in message.check()] == []


def test_the_compiled_catalogue_is_the_written_one(application: Application) -> None:
    compiled = read_mo(BytesIO(application.path.with_suffix(".mo").read_bytes()))
    assert _texts(compiled) == _texts(application.english())


def _texts(catalogue: Catalog) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """French and English, singular and plural."""
    return sorted((_forms(each.id), _forms(each.string)) for each in catalogue if each.id)


def _forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)
