"""Nothing to test a PIN with: in the phone's file, the logs, the outbox, the database.

Attacks 1, 2 and 13.
"""

import hashlib
import json
import logging
import re
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from idp.clock import Clock
from idp.devices.pin_key import PURPOSE, open_pin_key
from idp.enrolment.codes import SEAL
from idp.keys.sealing import SealBroken, Sealer
from idp.outbox.reading import read_outbox
from idp.provider import open_provider
from idp.store.models import Ticket
from tests.attacks.attacker import Tap, as_bytes, dump_of, everything_in, open_phone, traces_of
from tests.attacks.helpers import browser_at, sign_in_with
from tests.conftest import BASE_URL, make_settings
from tests.devices.helpers import Bench
from tests.devices.phone_driver import cose_key
from tests.signin.helpers import add_client, all_of, returned
from tests.wallet.helpers import (
    PERSON,
    PIN,
    Network,
    ask_signin,
    enrol,
    mailed_qr,
    new_phone,
    other_number,
    sms_code,
)
from wallet_sim.encoding import b64url, from_b64url
from wallet_sim.errors import NoAnswer, WrongNumber, WrongPin

LONG_PIN = "28051379"
"""Eight digits: they do not come up by chance in what is searched."""
OTHER_MASTER_KEY = b"another master key of 32 bytes.."
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:.*")


def a_life(bench: Bench, home: Path, pin: str) -> Iterator[str]:
    """What happens to a phone under a PIN; each step is named once it is done."""
    network = Network(bench.app)
    phone = enrol(bench.app, home, pin=pin, transport=network)
    yield "activated"
    phone.approve(pin, ask_signin(bench.app).number)
    yield "approved"
    asked = ask_signin(bench.app)
    with pytest.raises(WrongPin):
        phone.approve("9753", asked.number)
    yield "wrong PIN"
    with network.cut("/answer", request_lost=True), pytest.raises(NoAnswer):
        phone.approve(pin, asked.number)
    yield "in flight"
    phone.recover()
    yield "recovered"
    with pytest.raises(WrongNumber):
        phone.approve(pin, other_number(asked))
    ask_signin(bench.app)
    phone.refuse("unknown_trigger")
    yield "refused"
    with network.cut("/commit", request_lost=True), pytest.raises(NoAnswer):
        phone.change_pin(pin, pin[::-1])
    yield "changing"
    phone.recover()
    yield "changed"


def log_lines(text: str) -> list[dict[str, Any]]:
    """What was logged, without what the time of day makes of it."""
    lines = [json.loads(line) for line in text.splitlines()]
    return [
        {name: value for name, value in line.items() if name not in {"at", "ms"}} for line in lines
    ]


def test_what_a_thief_finds_does_not_depend_on_the_pin(
    sqlite_template: Path,
    master_key: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Attack 1 (offline search): two lives with the same randomness, and another PIN each.

    Byte for byte the same files and the same log: no computation tells one PIN from the other.
    """
    drawn = 0

    def draw(length: int | None = None) -> bytes:
        nonlocal drawn
        drawn += 1
        return hashlib.shake_256(str(drawn).encode()).digest(length or 32)

    monkeypatch.setattr(secrets, "token_bytes", draw)
    monkeypatch.setattr("wallet_sim.enrolment.make_device_key", fixed_device_key)
    instant = datetime.now(UTC)
    monkeypatch.setattr(Clock, "now", lambda clock: instant + clock.offset)
    home, database = tmp_path / "phone", tmp_path / "life.db"
    lives = []
    for pin in ("2580", "71930264"):
        drawn = 0
        shutil.rmtree(home, ignore_errors=True)
        shutil.copy(sqlite_template, database)
        settings = make_settings(f"sqlite:///{database}", master_key, log_level="DEBUG")
        bench = Bench(open_provider(settings))
        files = {step: everything_in(home) for step in a_life(bench, home, pin)}
        bench.provider.store.close()
        lives.append((files, log_lines(capsys.readouterr().err)))
    (files, log), (other_files, other_log) = lives
    assert len(set(files.values())) == len(files) == 8
    assert {step: files[step] == other_files[step] for step in files} == dict.fromkeys(files, True)
    assert len(log) > 20
    assert log == other_log


def test_no_candidate_key_is_found_in_what_a_thief_holds(
    sqlite_url: str, master_key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Attack 1 (offline search): file, log, and all that the provider ever told the phone."""
    bench = Bench(open_provider(make_settings(sqlite_url, master_key, log_level="DEBUG")))
    tap, home = Tap(bench.app), tmp_path / "phone"
    phone = enrol(bench.app, home, transport=tap)
    phone.approve(PIN, ask_signin(bench.app).number)
    phone.status()
    log = capsys.readouterr().err.encode()
    held = everything_in(home) + log + tap.shown()
    opened = open_phone(phone)
    candidates = [PIN, *(f"{value:04d}" for value in range(0, 10_000, 50))]
    found = {
        pin for pin in candidates if any(trace in held for trace in traces_of(opened.pin_key(pin)))
    }
    assert found == set()
    # The search finds a key that is there: the device key lies in the file, and proves nothing.
    device_key = ECKey.import_key(opened.key.as_dict(private=True)).private_key
    assert device_key is not None
    assert any(trace in held for trace in traces_of(device_key))
    assert bench.device(opened).credential_id.encode() in held
    bench.provider.store.close()


def test_fifty_sign_ins_leave_no_pin_signature_or_key_behind(
    sqlite_url: str,
    master_key: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Attack 2 (grep after fifty sign-ins): folder of the phone, logs at their fullest, outbox."""
    caplog.set_level(logging.DEBUG)
    bench = Bench(open_provider(make_settings(sqlite_url, master_key, log_level="DEBUG")))
    add_client(bench.provider)
    tap, home = Tap(bench.app), tmp_path / "phone"
    phone = enrol(bench.app, home, pin=LONG_PIN, transport=tap)
    for _ in range(50):
        code = returned(sign_in_with(browser_at(bench.app), phone, pin=LONG_PIN))["code"]
        assert code
    approvals, registrations = tap.sent("/answer"), tap.sent("/activate")
    assert (len(approvals), len(registrations)) == (50, 1)
    secret = {LONG_PIN.encode()} | traces_of(open_phone(phone, LONG_PIN).pin_key())
    secret |= {body for _path, body in tap.requests}
    secret |= {body.rpartition(b".")[2] for _path, body in tap.requests}
    for response in (sent["assertion"]["response"] for sent in approvals):
        secret |= {response[name].encode() for name in ("signature", "clientDataJSON")}
        secret.add(from_b64url(response["signature"]))
    attested = registrations[0]["registration"]["response"]["attestationObject"]
    secret |= {attested.encode(), from_b64url(attested)}
    log = capsys.readouterr().err + caplog.text
    outbox = json.dumps(read_outbox(bench.provider, recipients=None))
    assert log.count("/wallet/v1/challenges/<challenge_id>/answer") == 50
    assert '"kind": "sms"' in outbox
    searched = everything_in(home) + log.encode() + outbox.encode()
    assert [each for each in secret if each in searched] == []
    assert {each.name for each in home.iterdir()} == {"phone.json", "phone.lock"}
    bench.provider.store.close()


def test_a_copy_of_the_database_holds_no_pin_key(bench: Bench, tmp_path: Path) -> None:
    """Attack 13 (database dump): readable with the master key, and with nothing else."""
    network = Network(bench.app)
    phone = enrol(bench.app, tmp_path / "phone", pin=LONG_PIN, transport=network)
    phone.approve(LONG_PIN, ask_signin(bench.app).number)
    with network.cut("/commit", request_lost=True), pytest.raises(NoAnswer):
        phone.change_pin(LONG_PIN, LONG_PIN[::-1])
    opened = open_phone(phone, LONG_PIN)
    dump = b"\n".join(as_bytes(value) for value in dump_of(bench.provider))
    assert PERSON.encode() in dump
    assert opened.device_id.encode() in dump
    assert LONG_PIN.encode() not in dump
    assert not [trace for trace in traces_of(opened.pin_key()) if trace in dump]
    device = bench.device(opened)
    assert device.pin_key_sealed in dump
    assert device.next_pin_key_sealed is not None
    with pytest.raises(SealBroken):
        Sealer(OTHER_MASTER_KEY).open(device.pin_key_sealed, purpose=PURPOSE)
    # With the master key it is the key that was searched for.
    key = open_pin_key(bench.provider.sealer, device.credential_id, device.pin_key_sealed)
    assert key == cose_key(opened.pin_key())


def test_a_copy_of_the_database_gives_no_sms_code(bench: Bench, tmp_path: Path) -> None:
    """Attack 13 (database dump): while the code is waited for, and after it was typed."""
    phone = new_phone(bench.app, tmp_path / "phone")
    phone.start_enrolment(BASE_URL, PERSON)
    phone.scan(mailed_qr(bench.app, PERSON))
    code = sms_code(bench.app, PERSON)
    (ticket,) = all_of(bench.provider, Ticket)
    assert ticket.sms_secret_sealed in dump_of(bench.provider)
    assert not traces_of_code(bench, code, ticket.ticket_id)
    with pytest.raises(SealBroken):
        Sealer(OTHER_MASTER_KEY).open(ticket.sms_secret_sealed, purpose=SEAL)
    phone.enter_sms_code(code)
    phone.choose_pin(PIN)
    assert not traces_of_code(bench, code, ticket.ticket_id)


def traces_of_code(bench: Bench, code: str, ticket_id: str) -> list[Any]:
    """Values that show a code, or a hash of it that a million guesses would undo."""
    texts = [code, f"{ticket_id}{code}", f"{code}{ticket_id}", f"{ticket_id}.{code}"]
    hashes = {
        form
        for text in texts
        for name in ("md5", "sha1", "sha256", "sha512")
        for digest in [hashlib.new(name, text.encode()).digest()]
        for form in (digest, digest.hex().encode(), b64url(digest).encode())
    }
    word = re.compile(rb"(?<!\d)%s(?!\d)" % code.encode())
    shown = []
    for value in dump_of(bench.provider):
        # Microseconds have six digits too.
        if isinstance(value, datetime) or _INSTANT.fullmatch(str(value)):
            continue
        searched = as_bytes(value)
        if word.search(searched) or any(form in searched for form in hashes):
            shown.append(value)
    return shown


def fixed_device_key() -> ECKey:
    """The same device key in two lives."""
    numbers = ec.derive_private_key(7, ec.SECP256R1()).private_numbers()
    point = numbers.public_numbers
    members = {"x": point.x, "y": point.y, "d": numbers.private_value}
    jwk = {name: b64url(value.to_bytes(32)) for name, value in members.items()}
    return ECKey.import_key({"kty": "EC", "crv": "P-256", **jwk})
