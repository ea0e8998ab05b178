"""Whatever a person is told passes through a translation: in code, and in templates."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.imports import ROOT, Module, modules
from tests.translations.texts import is_french, untranslated

_OF_DATA = (
    "idp.directory.",
    "idp.cli.",
    "idp.settings.",
    "idp.checklists.rules.",
    "idp.dev.faults.",
    "idp.registration.invention",
    "relying_services.billing.mailbox_access",
    "relying_services.espacepro.extract",
    "relying_services.espacepro.notices",
    "relying_services.espacepro.sample",
    "relying_services.mon_compte.invented",
    "relying_services.mon_compte.letters",
    "relying_services.mon_compte.sample",
    "relying_services.registrations",
    "relying_services.regulation.__main__",
    "relying_services.regulation.invented",
    "relying_services.service.formats",
)
"""Names of the national files, of the profession, of invented people; what operators and
developers read, in English; letters and mails, which are French for everybody; how each language
writes an hour."""
_IN_ENGLISH = {"idp.registration.details"}
"""Messages of a programming interface, which name a French member."""
_PLAIN = {"Français", "English", "defenseurdesdroits.fr"}
"""Texts of templates that are the same in every language."""

TOLD = [
    each
    for each in modules("idp", "relying_services")
    if not each.name.startswith(_OF_DATA) and each.name not in _IN_ENGLISH
]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize(
    "source",
    [
        'text = "La demande n’est pas correcte"',
        'TITLES = {404: "Page introuvée"}',
        'error_page(404, text="Nothing here")',
        'error_page(404, title=f"Nothing at {path}")',
        'Told(HTTPStatus.GONE, "Too late")',
        'super().__init__(HTTPStatus.FORBIDDEN, "Not you")',
        'render_template("form.html", error="Wrong number")',
        'flash("Saved")',
    ],
)
def test_an_untranslated_text_is_seen(source: str) -> None:
    module = Module("m", ROOT / "m.py", ast.parse(source))
    assert list(untranslated(module))


@pytest.mark.parametrize(
    "source",
    [
        '"""Une chaîne de documentation."""',
        'text = _("La demande n’est pas correcte")',
        'error_page(404, text=_("Rien ici"), title=ending.title)',
        'error_page(HTTPStatus.FORBIDDEN, text=error.description or "")',
        "super().__init__(HTTPStatus.FORBIDDEN, text, retry_after=3)",
        'render_template("form.html", error="", value="abc")',
    ],
)
def test_a_translated_text_is_left_alone(source: str) -> None:
    module = Module("m", ROOT / "m.py", ast.parse(source))
    assert list(untranslated(module)) == []


@pytest.mark.parametrize("module", TOLD, ids=lambda module: module.name)
def test_no_text_for_a_person_escapes_translation(module: Module) -> None:
    assert [f"{each.place} {each.text}" for each in untranslated(module)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_text_of_a_template_escapes_translation(path: Path) -> None:
    """Between elements, and in the attributes that are read aloud."""
    assert bare_texts(path.read_text("utf-8")) == []


def bare_texts(source: str) -> list[str]:
    """Words of a template outside `_()`."""
    for noise in (r"\{#.*?#\}", r"\{%.*?%\}", r"\{\{.*?\}\}", r"<code.*?</code>"):
        source = re.sub(noise, " ", source, flags=re.DOTALL)
    read = re.findall(r'\s(?:alt|title|aria-label|placeholder)="([^"]*)"', source)
    written = re.sub(r"<[^>]*>", "\n", source)
    words = [text.strip() for text in [*read, *written.split("\n")]]
    spoken = [text for text in words if re.search(r"[^\W\d_]{2}", text)]
    # What a block or a macro writes into a tag stands between none.
    return [text for text in spoken if '="' not in text and text not in _PLAIN]


def test_a_bare_text_of_a_template_is_seen() -> None:
    assert bare_texts('<p>{{ _("Bonjour") }} Adieu</p>') == ["Adieu"]
    assert bare_texts('<img alt="Un QR code" src="{{ x }}">') == ["Un QR code"]
    assert bare_texts('{% if "é" in x %}<p class="hint">{{ x }} : 3 %</p>{% endif %}') == []


def test_no_constant_of_a_template_is_french_outside_a_translation() -> None:
    """`{{ alert("error", "Trop tard") }}` would be French for everybody."""
    assert [each for path in TEMPLATES for each in french_constants(path)] == []


def french_constants(path: Path) -> list[str]:
    """French in the code of a template, but for what a translation is given."""
    found = []
    for block in re.findall(r"\{[{%](.*?)[}%]\}", path.read_text("utf-8"), re.DOTALL):
        rest = re.sub(r"""(_|gettext)\(\s*("[^"]*"|'[^']*')(\s*,\s*"[^"]*")?""", "", block)
        texts = re.findall(r'"([^"]*)"', rest)
        found += [text for text in texts if is_french(text) and text not in _PLAIN]
    return found
