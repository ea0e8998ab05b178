"""Whatever an address, a query or a form holds: a page or a refusal, and never a fault of ours."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from relying_services import billing
from relying_services.billing.tariff import ACTS
from relying_services.clock import Clock
from relying_services.service.app import service_of
from tests.relying_services.billing.surgery import SUBSTITUTE, Surgery, wish
from tests.relying_services.signed_in import post

LARGEST = 64 * 1024
HOSTILE = [
    "", " ", "\0", "\x1b[31m", "\u202e", "\u2028", "ẞ\u0301", "\ud7ff", "🦄", "٣", "-1", "1e309",
    "NaN", "9" * 40, str(2**31), str(2**63), "<script>alert(1)</script>", "' OR 1=1 --", "%s%n{0}",
    "{{7*7}}", "../../etc/passwd", "a\r\nBcc: x@y.test", "x" * 5000, "2026-02-30", "0001-01-01",
    "9999-12-31", "+10000-01-01", "20260101", "2026-W01-1", "null", "[]", '{"a":1}',
]  # fmt: skip
FIELDS = {
    "substitute", "name", "kind", "situations", "mailbox", "starts_on", "ends_on",
    "presented", "replaced", "replacement", "patient", "situation", "invoices", "before",
    *(f"act_{code}" for code in ACTS),
}  # fmt: skip
"""Everything that an address of the workstation reads from a query or a form."""
PATHS = ["%00", "%ff", "%ed%a0%80", "..%2f..", "%0d%0aX", "x" * 3000, "9" * 40, "-1", "٣"]


def arguments_read() -> set[str]:
    """The names that the code asks a request for."""
    folder = Path(str(billing.__file__)).parent
    found: set[str] = set()
    for module in folder.glob("*.py"):
        text = module.read_text("utf-8")
        found |= set(re.findall(r'request\.(?:form|args)\.get(?:list)?\(\s*"(\w+)"', text))
    return found


def test_every_field_that_is_read_is_attacked_here() -> None:
    """Those that are asked for in a loop are named in the forms below."""
    assert len(arguments_read()) >= 10
    assert arguments_read() <= FIELDS


def asked_with(browser: FlaskClient, address: str, fields: dict[str, Any]) -> int:
    """Posted and asked for; gives the worse of both answers."""
    told = [post(browser, address, **fields), browser.get(address, query_string=fields)]
    for each in told:
        assert "Traceback" not in each.text, (address, fields)
        assert "<script>alert(1)" not in each.text, (address, fields)
    return max(each.status_code for each in told)


def places(surgery: Surgery, name: str) -> list[str]:
    """Every address that a person opens, with names of what exists."""
    values = {"replacement_id": name, "act": "suspend", "number": "1"}
    adapter = surgery.app.url_map.bind("localhost")
    found = set()
    for rule in surgery.app.url_map.iter_rules():
        if rule.endpoint.startswith("billing."):
            found.add(adapter.build(rule.endpoint, {key: values[key] for key in rule.arguments}))
    return sorted(found)


@pytest.fixture
def at_work(tmp_path: Path, either_url: str, clock: Clock) -> Any:
    """On either database: the surgery, a session, and the browsers of doctor and substitute."""
    surgery = Surgery(tmp_path, either_url, clock)
    name, substitute = surgery.working()
    surgery.bill(substitute, name)
    post(substitute, "/batches", replacement=name, invoices=["1"])
    yield surgery, name, surgery.sign_in(surgery.doctor), substitute
    service_of(surgery.app).store.close()


def test_every_address_survives_every_field(at_work: Any) -> None:
    """All fields at once: by the doctor, and by the substitute, each with their card."""
    surgery, name, doctor, substitute = at_work
    for browser, card in ((doctor, surgery.doctor), (substitute, surgery.substitute)):
        surgery.insert(card)
        for address in places(surgery, name):
            for value in HOSTILE[::8] if browser is doctor else HOSTILE[3::8]:
                fields = dict.fromkeys(FIELDS, value)
                assert asked_with(browser, address, fields) < 500, (address, value)


@pytest.mark.parametrize("field", sorted({*wish(), "starts_on", "ends_on"}))
def test_each_field_of_the_preparation_alone(surgery: Surgery, field: str) -> None:
    """SV-03: the others are right, so that nothing else refuses it."""
    browser = surgery.sign_in(surgery.doctor)
    for value in HOSTILE:
        went = post(browser, "/replacements/new", **(wish() | {field: value}))
        assert went.status_code in {302, 400}, value


def test_each_field_of_an_invoice_alone(surgery: Surgery) -> None:
    """SV-08: a number of acts, a patient, a situation, and the session that the form is of."""
    name, browser = surgery.working()
    for field in ("patient", "act_G", "situation", "replacement"):
        for value in HOSTILE:
            went = surgery.bill(browser, name, **{field: value})
            assert went.status_code in {302, 400, 404, 409}, (field, value)


def test_each_field_of_the_activation_alone(surgery: Surgery) -> None:
    """SV-06."""
    name = surgery.prepare()
    browser = surgery.sign_in(surgery.substitute)
    right = {"presented": "A-remplacement", "replaced": "A-cabinet"}
    for field in right:
        for value in HOSTILE:
            went = post(browser, f"/activation/{name}", **(right | {field: value}))
            assert went.status_code in {400, 404}, (field, value)
    assert surgery.state(name) == "preparee"


def test_a_name_in_an_address_that_is_no_text_is_refused(at_work: Any) -> None:
    """And so is a number that no database could hold."""
    doctor = at_work[2]
    for part in PATHS:
        for address in (
            f"/replacements/{part}", f"/replacements/{part}/mailbox", f"/replacements/R-1/{part}",
            f"/activation/{part}", f"/invoices/{part}", f"/batches/{part}/send",
        ):  # fmt: skip
            told = [doctor.get(address), post(doctor, address)]
            assert all(400 <= each.status_code < 500 for each in told), address
            assert all("Traceback" not in each.text for each in told)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"a=%ff", "application/x-www-form-urlencoded"),
        (b"\xff\x00", "application/x-www-form-urlencoded"),
        (b"a=b", "multipart/form-data"),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
        (b'{"substitute": []}', "application/json"),
        (b"a=b", "\xe9"),
        (b"a=" + b"x" * LARGEST, "application/x-www-form-urlencoded"),
    ],
    ids=["not-utf8", "nul", "no-boundary", "broken", "json", "no-type", "oversized"],
)
def test_a_body_that_is_no_form_is_refused(surgery: Surgery, body: bytes, kind: str) -> None:
    """SV-02: at each address that takes one."""
    browser, name = surgery.sign_in(surgery.doctor), "R-1"
    for address in places(surgery, name):
        told = browser.post(address, data=body, content_type=kind)
        assert told.status_code in {400, 403, 404, 405, 413}, address


def test_a_field_that_stands_many_times_breaks_nothing(surgery: Surgery) -> None:
    """SV-04: the first counts, and of situations each."""
    browser = surgery.sign_in(surgery.doctor)
    many = {name: [value, value, "another"] for name, value in wish().items()}
    assert post(browser, "/replacements/new", **many).status_code == 400
    twice = {name: [value, value] for name, value in wish().items()}
    assert post(browser, "/replacements/new", **twice).status_code == 302
    assert surgery.traced()[-1].actor != SUBSTITUTE
