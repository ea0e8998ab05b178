"""Whatever an address or a field holds: an answer that says what is wrong, never a fault of ours.

The addresses are those of the maps, what they may be asked is read from the code of each service,
and the forms with their fields are found in its pages.
"""

import io
from collections.abc import Iterator
from contextlib import closing
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from authlib.integrations.base_client import OAuthError
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from relying_services.clock import Clock
from relying_services.service.app import service_of
from relying_services.service.ciba import Software
from tests.relying_services.espacepro.stage import AGENT
from tests.relying_services.every_service import MAKERS, OWNER, Address, Served, serve
from tests.relying_services.forms_in_pages import Form, forms_of, parameters

HUGE = "99999999999999999999"
"""More than any database counts."""
ODD = "\u202e\ufeff😀" * 40
NUMBERS = ("-1", HUGE, "9" * 5_000, "[" * 900 + "]" * 900)
WORST = ("9" * 5_000, "٢", "9999-12-31", "0001-01-01")
"""For each field alone, after whose check another calculates."""
TEXTS = (
    *NUMBERS,
    "",
    "1e999",
    "2026-02-30",
    "20260331",
    "{'a': [1]}",
    "' OR 1=1 --",
    "\r\nBcc: personne@exemple.test",
    ODD,
    "a" * 5_000,
)
"""For all fields of a form at once."""
RAW = ("%00", "%ff", "%ed%a0%80", "..%2f%5c%0d%0aX:%20y")
"""As they stand in an address: a NUL, what is no UTF-8, what leads elsewhere."""
PARTS = (*(quote(text) for text in NUMBERS), *RAW)
BAD_BYTES = (b"\0", b"\xff", b"\xc3(", b"\xed\xa0\x80")
LEAST_FIELDS = {"espacepro": 25, "mon_compte": 20, "oncology": 8, "messaging": 4, "regulation": 3}
"""Known to be there: forms that are found no more would be attacked no more."""
TEXT = "of-this-browser"
ACTIVITIES = [{"raisonSocialeSite": "CABINET"}, {"raisonSocialeSite": "CLINIQUE"}]
SEVERAL = {"exercices": [{"codeProfession": "10", "activities": ACTIVITIES}]}
FILLED = {
    "nom": "Lormelin",
    "prenom": "Aubin",
    "naissance": "1984-02-29",
    "du": "2026-06-15",
    "au": "2026-06-19",
    "le": "2026-06-15",
    "accident": "2026-06-10",
    "constatations": "Entorse",
    "soins": "Trois actes",
    "ald": "8",
    "depart": "Villefictive",
    "arrivee": "Saint-Exemple",
    "identifiant": OWNER,
    "email": "premiere@exemple.test",
    "starts_on": "2026-06-15",
    "ends_on": "2026-06-19",
    "rpps": "899700990064",
    "family_name": "FLAMBERGE",
    "given_name": "Hortense",
    "delegator": OWNER,
    "titre": "Femme de 62 ans",
    "question": "Chirurgie ?",
    "participants": "899700990023",
    "adresse": "solene.margelle@messagerie.simulation.test",
    "objet": "Avis",
    "message": "Bonjour",
    "avis": "Opérable.",
    "conclusion": "Chirurgie.",
    "note": "Repos.",
}
"""What a field holds while another one is attacked: so that a check before it lets it through."""


@pytest.fixture(scope="module", params=sorted(MAKERS))
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """Each service on SQLite."""
    made = serve(request.param, f"sqlite:///{tmp_path_factory.mktemp('hostile') / 'x.db'}", Clock())
    yield made
    service_of(made.app).store.close()


@pytest.fixture(autouse=True)
def no_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that refuses everything: what reaches it is another part's to judge."""

    def refused(*_args: Any, **_more: Any) -> Any:
        raise OAuthError("access_denied")

    monkeypatch.setattr(Software, "ask", refused)
    monkeypatch.setattr("relying_services.service.provider.psc", _Refusing)


class _Refusing:
    """The provider's side of a sign-in."""

    def __getattr__(self, name: str) -> Any:
        def refused(*_args: Any, **_more: Any) -> Any:
            raise OAuthError("access_denied")

        return refused


def owner_of(served: Served) -> FlaskClient:
    """Who owns something, with activities to choose among and a text for forms."""
    return _with_text(served.browser(SubjectRefPro=SEVERAL))


def attacked(served: Served) -> list[tuple[FlaskClient, Form]]:
    """Every form, with a browser that is shown it; signing out comes last."""
    owner = owner_of(served)
    found = [(owner, form) for form in forms_of(served, owner, FILLED)]
    if service_of(served.app).kind.name == "espacepro":
        agent = _with_text(served.browser(AGENT))
        found += [(agent, each) for each in forms_of(served, agent, FILLED) if each.kind == "cpam"]
    return sorted(found, key=lambda each: each[1].kind == "logout")


def is_answered(told: TestResponse) -> bool:
    """A page or a refusal; 503 where the service that is asked for whom one may act is away."""
    return told.status_code < 500 or told.status_code == 503


def test_an_identifier_of_any_kind_in_an_address_is_answered(served: Served) -> None:
    """MA-10: an unknown one, or none at all; a number that no database holds."""
    browser = owner_of(served)
    for each in served.addresses():
        for name, part in product(each.arguments, PARTS):
            told = _ask(browser, each, {name: part}, served)
            assert is_answered(told), (each, part[:20], told.status_code)


def test_a_parameter_of_any_kind_in_an_address_is_answered(served: Served) -> None:
    """Numbers behind which a list goes on, orders, searches: each name that is looked for."""
    browser, names = owner_of(served), parameters(served)
    assert {"means", "state"} <= set(names)
    for each, value in product(_pages(served), (HUGE, "9" * 5_000, "-1", "%00", "%ff", "[0]")):
        query = "&".join(f"{name}={value}&{name}=2&{name}[]=3" for name in names)
        told = browser.get(f"{each.path}?{query}", buffered=True)
        assert is_answered(told), (each, value[:20], told.status_code)


def test_a_field_of_any_kind_is_answered(served: Served) -> None:
    """All fields at once; then one after another, the others as a person fills them in."""
    done: set[tuple[str, str]] = set()
    for browser, form in attacked(served):
        names = {name for name, _held in form.fields} - {
            name for kind, name in done if kind == form.kind
        }
        tries = [{name: text} for name, text in product(sorted(names), WORST)]
        tries += [dict.fromkeys(names, text) for text in TEXTS if names]
        for fields in tries:
            told = _send(browser, form, dict(form.fields) | fields)
            assert is_answered(told), (form.action, fields, told.status_code)
        done |= {(form.kind, name) for name in names}
    assert len(done) >= LEAST_FIELDS.get(service_of(served.app).kind.name, 1)


def test_a_form_of_any_shape_is_answered(served: Served) -> None:
    """What is no text, nothing at all, a file for a text, twice the same, JSON, too much."""
    kinds: set[str] = set()
    for browser, form in attacked(served):
        if form.method != "post" or form.kind in kinds:
            continue
        kinds.add(form.kind)
        names = [name for name, _held in form.fields] or ["x"]
        for raw in BAD_BYTES:
            pairs = b"&".join(name.encode() + b"=" + raw for name in names)
            assert is_answered(_raw(browser, form, pairs)), (form.action, raw)
        twice = "&".join(f"{name}=1&{name}=2&{name}[a]=3" for name in names)
        assert is_answered(_raw(browser, form, twice.encode())), form.action
        assert is_answered(_raw(browser, form, b"")), form.action
        files = {name: (io.BytesIO(b"\x89PNG"), "x.png") for name in names}
        sent: Any = {"csrf": TEXT, **files}
        assert is_answered(browser.post(form.action, data=sent)), form.action
        assert browser.post(form.action, json=[[[{"csrf": TEXT}]]]).status_code == 403
        assert _raw(browser, form, b"x=" + b"a" * 70_000).status_code == 413
    assert "logout" in kinds


@pytest.mark.parametrize("either_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("name", ["messaging", "oncology", "mon_compte"])
def test_on_postgresql_too(either_url: str, name: str) -> None:
    """It holds no NUL, and no number beyond its INTEGER: both are refused before it is asked."""
    served = serve(name, either_url, Clock())
    with closing(service_of(served.app).store):
        browser = owner_of(served)
        for part in (HUGE, str(2**31), "%00"):
            query = "&".join(f"{each}={part}" for each in parameters(served))
            for each in _pages(served):
                assert is_answered(browser.get(f"{each.path}?{query}", buffered=True)), (each, part)
            for each in served.addresses():
                for argument in each.arguments:
                    assert is_answered(_ask(browser, each, {argument: part}, served)), (each, part)
        for form, value in product(forms_of(served, browser, FILLED), (HUGE, ODD, "a\0b")):
            told = _send(browser, form, {name: value for name, _held in form.fields})
            assert is_answered(told), (form.action, value)


def _pages(served: Served) -> list[Address]:
    """Those that are read; the kit's own are the same everywhere, and are asked of one service."""
    is_plain = service_of(served.app).kind.name == "catalogue"
    return [
        each
        for each in served.addresses()
        if each.method == "GET" and (is_plain or not each.endpoint.startswith("sign_in."))
    ]


def _ask(browser: FlaskClient, each: Address, parts: dict[str, str], served: Served) -> Any:
    path = each.path
    for name, part in parts.items():
        path = path.replace(quote(served.named(each.endpoint, name)), part)
    data = {"csrf": TEXT} if each.method == "POST" else None
    return browser.open(path, method=each.method, data=data, buffered=True)


def _send(browser: FlaskClient, form: Form, fields: dict[str, str]) -> TestResponse:
    if form.method == "get":
        return browser.get(form.action, query_string=fields, buffered=True)
    return browser.post(form.action, data={"csrf": TEXT, **fields}, buffered=True)


def _raw(browser: FlaskClient, form: Form, body: bytes) -> TestResponse:
    kind = "application/x-www-form-urlencoded"
    return browser.post(form.action, data=b"csrf=" + TEXT.encode() + b"&" + body, content_type=kind)


def _with_text(browser: FlaskClient) -> FlaskClient:
    with browser.session_transaction() as kept:
        kept["csrf"] = TEXT
    return browser
