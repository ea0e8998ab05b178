"""A card whose keys lie on a real PKCS#11 token: SoftHSM2."""

from pathlib import Path

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask
from pkcs11 import Attribute, ObjectClass

from tests.wallet.cards import RECEIVED, MadeCard, make
from wallet_sim.card.errors import CodeBlocked, TokenUnavailable, WrongCode
from wallet_sim.card.file import TokenBackend
from wallet_sim.card.pkcs11_keys import DEFAULT_MODULE, unlock

MODULE_MISSING = not Path(DEFAULT_MODULE).exists()

pytestmark = pytest.mark.skipif(MODULE_MISSING, reason="SoftHSM2 is not installed")


@pytest.fixture(autouse=True)
def tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store of tokens, read anew by the module."""
    folder = tmp_path / "tokens"
    folder.mkdir()
    setting = tmp_path / "softhsm2.conf"
    setting.write_text(f"directories.tokendir = {folder}\nobjectstore.backend = file\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(setting))
    pkcs11.lib(DEFAULT_MODULE).reinitialize()
    return folder


@pytest.fixture
def made(app: Flask, tmp_path: Path) -> MadeCard:
    return make(app, tmp_path / "cards", module=DEFAULT_MODULE)


def backend_of(made: MadeCard) -> TokenBackend:
    backend = made.state.backend
    assert isinstance(backend, TokenBackend)
    return backend


def test_the_token_signs_for_both_uses(made: MadeCard) -> None:
    """CP-14."""
    with made.insert() as card:
        opened = card.enter_code(made.code)
        signed = opened.sign(b"ordonnance")
    certificate = x509.load_pem_x509_certificate(made.state.certificates.signature.encode())
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(signed, b"ordonnance", ec.ECDSA(SHA256()))


def test_codes_count_as_they_do_on_a_card_that_is_a_file(made: MadeCard) -> None:
    """Attack 40, decision 31: SoftHSM2 itself counts nothing."""
    with made.insert() as card:
        for left in (2, 1, 0):
            with pytest.raises(WrongCode) as wrong:
                card.enter_code(made.wrong_code)
            assert wrong.value.tries_left == left
        with pytest.raises(CodeBlocked):
            card.enter_code(made.code)
        card.unblock(made.unblock_code, "2580")
        card.enter_code("2580")


def test_no_private_key_can_be_taken_out_of_the_token(
    made: MadeCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened_with: list[bytes] = []

    def keep(backend: TokenBackend, key: bytes) -> object:
        opened_with.append(key)
        return unlock(backend, key)

    monkeypatch.setattr("wallet_sim.card.pkcs11_keys.unlock", keep)
    with made.insert() as card:
        card.enter_code(made.code)
    keys = unlock(backend_of(made), opened_with[0])
    session = keys._session
    found = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
    assert len(found) == 2
    for private in found:
        assert private[Attribute.NEVER_EXTRACTABLE]
        assert private[Attribute.ALWAYS_SENSITIVE]
        with pytest.raises(pkcs11.AttributeSensitive):
            _ = private[Attribute.VALUE]
    keys.close()


def test_the_certificates_lie_beside_their_keys(made: MadeCard) -> None:
    token = pkcs11.lib(DEFAULT_MODULE).get_token(token_label=backend_of(made).label)
    with token.open() as session:
        found = {
            each[Attribute.LABEL]: x509.load_der_x509_certificate(each[Attribute.VALUE])
            for each in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
        }
    certificates = made.state.certificates
    for use, pem in (
        ("authentication", certificates.authentication),
        ("signature", certificates.signature),
    ):
        assert found[use] == x509.load_pem_x509_certificate(pem.encode())


def test_each_card_has_a_token_of_its_own(app: Flask, made: MadeCard, tmp_path: Path) -> None:
    """CP-07, on a token."""
    other = make(app, tmp_path / "cards", RECEIVED, module=DEFAULT_MODULE)
    assert backend_of(other).label != backend_of(made).label
    with other.insert() as card:
        assert card.enter_code(other.code).activate() == "active"


def test_neither_file_nor_token_tells_the_pin_of_the_token(made: MadeCard, tokens: Path) -> None:
    """The user PIN is the text of `K`: a code does not open the token either."""
    token = pkcs11.lib(DEFAULT_MODULE).get_token(token_label=backend_of(made).label)
    for guess in (made.code, made.unblock_code):
        with pytest.raises(pkcs11.PinIncorrect):
            token.open(user_pin=guess)


def test_a_token_that_was_lost_is_said_to_be(
    made: MadeCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    setting = tmp_path / "empty.conf"
    setting.write_text(f"directories.tokendir = {empty}\nobjectstore.backend = file\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(setting))
    pkcs11.lib(DEFAULT_MODULE).reinitialize()
    with made.insert() as card, pytest.raises(TokenUnavailable):
        card.enter_code(made.code)


def test_a_module_that_is_missing_is_said_to_be(app: Flask, tmp_path: Path) -> None:
    with pytest.raises(TokenUnavailable):
        make(app, tmp_path / "cards", module="/nowhere/module.so")
