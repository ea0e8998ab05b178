"""Private keys on a PKCS#11 token (OASIS PKCS #11 3.1): one token a card, made for SoftHSM2.

The user PIN is the text of `K`, so the token itself opens for nobody who has no evaluation of the
code. Keys are generated on the token and cannot be taken out of it. SoftHSM2 counts no tries
(`wallet_sim/card/lock.py` does), and finds its tokens by its own setting, SOFTHSM2_CONF.
"""

import ctypes
import secrets
from typing import Any

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from pkcs11 import Attribute, CertificateType, KeyType, Mechanism, ObjectClass, TokenFlag
from pkcs11.util.ec import (
    encode_ec_public_key,
    encode_ecdsa_signature,
    encode_named_curve_parameters,
)

from wallet_sim.card.errors import TokenUnavailable
from wallet_sim.card.file import TokenBackend, Use
from wallet_sim.card.keys import USES
from wallet_sim.encoding import b64url

DEFAULT_MODULE = "/usr/lib/softhsm/libsofthsm2.so"

_LABEL_BYTES = 32
_NUMBER_BYTES = 23
_SO_PIN_BYTES = 32
_OK = 0
_KEPT_INSIDE = {Attribute.EXTRACTABLE: False, Attribute.SENSITIVE: True}


class TokenKeys:
    """The keys of a card that is a token, while a session is logged in."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def public_key(self, use: Use) -> ec.EllipticCurvePublicKey:
        """The public half of a key."""
        found = self._session.get_key(object_class=ObjectClass.PUBLIC_KEY, label=use)
        public = load_der_public_key(encode_ec_public_key(found))
        if not isinstance(public, ec.EllipticCurvePublicKey):
            raise TokenUnavailable("the token's keys are of another kind")
        return public

    def sign_digest(self, use: Use, digest: bytes) -> bytes:
        """ECDSA over a digest, made on the token, DER."""
        private = self._session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=use)
        return encode_ecdsa_signature(private.sign(digest, mechanism=Mechanism.ECDSA))

    def store_certificate(self, use: Use, certificate: x509.Certificate) -> None:
        """Keep a certificate beside its key, as middleware expects it (PKCS #11, 4.6.3)."""
        self._session.create_object(
            {
                Attribute.CLASS: ObjectClass.CERTIFICATE,
                Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
                Attribute.TOKEN: True,
                Attribute.LABEL: use,
                Attribute.ID: _id(use),
                Attribute.SUBJECT: certificate.subject.public_bytes(),
                Attribute.VALUE: certificate.public_bytes(Encoding.DER),
            }
        )

    def close(self) -> None:
        """Log out."""
        self._session.close()


def make(key: bytes, number: str, module: str) -> tuple[TokenBackend, TokenKeys]:
    """A fresh token with fresh keys, under `K`.

    Raises:
        TokenUnavailable: the module is missing, or has no room for another token.
    """
    # Unlike any other, even that of a card whose making was cut.
    label = f"{number[:_NUMBER_BYTES]} {secrets.token_hex(4)}"
    backend = TokenBackend(module=module, label=label)
    library = _library(module)
    # Nobody is to know the security officer's PIN: it opens a SoftHSM2 token as the user's does.
    officer = secrets.token_urlsafe(_SO_PIN_BYTES)
    try:
        _initialise_token(library, module, backend.label, officer)
        token = library.get_token(token_label=backend.label)
        with token.open(rw=True, so_pin=officer) as session:
            session.init_pin(b64url(key))
        session = token.open(rw=True, user_pin=b64url(key))
        for use in USES:
            _generate(session, use)
    except pkcs11.PKCS11Error as error:
        raise _unavailable(error) from error
    return backend, TokenKeys(session)


def unlock(backend: TokenBackend, key: bytes) -> TokenKeys:
    """The keys, behind a session opened with `K`.

    Raises:
        TokenUnavailable: the module or this token is missing, or it does not open.
    """
    library = _library(backend.module)
    try:
        return TokenKeys(_find(library, backend.label).open(user_pin=b64url(key)))
    except pkcs11.PKCS11Error as error:
        raise _unavailable(error) from error


def _library(module: str) -> Any:
    try:
        return pkcs11.lib(module)
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
        raise TokenUnavailable(f"the PKCS#11 module {module} cannot be used: {error}") from error


def _find(library: Any, label: str) -> Any:
    try:
        return library.get_token(token_label=label)
    except pkcs11.NoSuchToken:
        # Made by another process since: a module reads the list of its tokens once.
        library.reinitialize()
        return library.get_token(token_label=label)


def _initialise_token(library: Any, module: str, label: str, officer: str) -> None:
    """C_InitToken (PKCS #11, 5.5.7), which python-pkcs11 does not offer."""
    slot = _empty_slot(library)
    initialise = ctypes.CDLL(module).C_InitToken
    initialise.restype = ctypes.c_ulong
    initialise.argtypes = [ctypes.c_ulong, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]
    name = label.encode("utf-8")[:_LABEL_BYTES].ljust(_LABEL_BYTES)
    result = initialise(slot.slot_id, officer.encode("ascii"), len(officer), name)
    if result != _OK:
        raise TokenUnavailable(f"the token could not be made: C_InitToken gave {result:#x}")
    library.get_slots()


def _empty_slot(library: Any) -> Any:
    for slot in library.get_slots(token_present=True):
        if TokenFlag.TOKEN_INITIALIZED not in slot.get_token().flags:
            return slot
    raise TokenUnavailable("the PKCS#11 module has no room for another token")


def _generate(session: Any, use: Use) -> None:
    curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
    parameters = session.create_domain_parameters(KeyType.EC, curve, local=True)
    parameters.generate_keypair(
        id=_id(use), label=use, store=True, private_template=dict(_KEPT_INSIDE)
    )


def _id(use: Use) -> bytes:
    return bytes([USES.index(use) + 1])


def _unavailable(error: pkcs11.PKCS11Error) -> TokenUnavailable:
    return TokenUnavailable(f"the card's token does not answer: {type(error).__name__} {error}")
