"""The phone and the reader: every text of theirs in both languages, every refusal explained."""

import ast
import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir

from tests.architecture.imports import ROOT, Module, modules
from tests.translations.texts import is_french
from wallet_sim import errors, words
from wallet_sim.card import errors as card_errors
from wallet_sim.card import page_words
from wallet_sim.card import words as card_words
from wallet_sim.errors import PhoneError
from wallet_sim.screen import explaining

SHOWN = [
    module
    for module in modules("wallet_sim")
    if module.name.startswith(("wallet_sim.screen", "wallet_sim.card.", "wallet_sim.door"))
    and module.name not in {"wallet_sim.card.page_words", "wallet_sim.screen.words"}
]
KNOWN = words._ENGLISH | page_words.ENGLISH

_ELSEWHERE = {
    "CardError",  # never raised itself
    "CardNotToBeMade",  # of the commands that make cards and sign files, in English
    "SignatureRefused",
}


def _of_templates() -> set[str]:
    methods = [("templates/wallet_sim/**.html", "jinja2")]
    found = extract_from_dir(ROOT, methods, keywords=DEFAULT_KEYWORDS)
    return {str(message) for _file, _line, message, _comments, _context in found}


def _french(module: Module) -> Iterator[ast.Constant]:
    """French constants of a module, but for docstrings."""
    silent = {
        id(node.value)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    constants = [node for node in ast.walk(module.tree) if isinstance(node, ast.Constant)]
    for node in constants:
        is_text = isinstance(node.value, str) and id(node) not in silent
        if is_text and is_french(str(node.value)):
            yield node


def test_every_text_of_a_template_has_english() -> None:
    assert sorted(_of_templates() - set(KNOWN)) == []


def test_no_english_is_left_over_or_empty() -> None:
    constants = {
        node.value
        for module in modules("wallet_sim")
        if not module.name.endswith("words")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert sorted(set(KNOWN) - _of_templates() - constants) == []
    assert [french for french, english in KNOWN.items() if not english.strip()] == []


@pytest.mark.parametrize("module", SHOWN, ids=lambda module: module.name)
def test_every_french_text_of_a_module_has_english(module: Module) -> None:
    """In the table of the pages, or beside it as a pair of both languages."""
    pairs = {
        id(each)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Tuple) and len(node.elts) == 2
        for each in ast.walk(node)
    }
    assert [
        node.value for node in _french(module) if id(node) not in pairs and node.value not in KNOWN
    ] == []


def _classes(module: ModuleType) -> list[type[PhoneError]]:
    """The refusals that a module defines."""
    return [
        each
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, PhoneError)
        and each.__module__ == module.__name__
    ]


def _faults(texts: tuple[str, str]) -> bool:
    """Whether a pair is no French and English of one text."""
    french, english = texts
    if not french or not english:
        return True
    return set(re.findall(r"\{\w+\}", french)) != set(re.findall(r"\{\w+\}", english))


def test_every_refusal_of_the_phone_has_words_of_its_own() -> None:
    """A person never reads a code of the protocol."""
    missing = [each for each in _classes(errors) if each not in explaining._TEXTS]
    assert [each.__name__ for each in missing] == []


def test_every_refusal_of_a_card_has_words_of_its_own() -> None:
    missing = {each.__name__ for each in _classes(card_errors) if each not in card_words._TEXTS}
    assert missing == _ELSEWHERE


@pytest.mark.parametrize("table", [explaining._TEXTS, card_words._TEXTS], ids=["phone", "card"])
def test_every_refusal_says_the_same_in_both_languages(
    table: dict[type[PhoneError], tuple[str, str]],
) -> None:
    assert [each.__name__ for each, texts in table.items() if _faults(texts)] == []
    english = [texts[1] for texts in table.values()]
    assert [text for text in english if is_french(text.replace("’", ""))] == []
