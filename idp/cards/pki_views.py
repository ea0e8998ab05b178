"""Where the certificates of cards can be checked: authorities, list, OCSP (docs/cards.md 2)."""

import base64

from cryptography.hazmat.primitives.serialization import Encoding
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from idp.cards.authority import standing_authority
from idp.cards.certificates import LIST_PATH, OCSP_PATH, PERSONS_PATH, ROOT_PATH
from idp.cards.ocsp import answer
from idp.cards.revocation import make_list
from idp.provider import current_provider

_CERTIFICATE = "application/pkix-cert"
_LIST = "application/pkix-crl"
_QUESTION = "application/ocsp-request"
_ANSWER = "application/ocsp-response"

bp = Blueprint("pki", __name__)


@bp.get(ROOT_PATH)
def root() -> ResponseReturnValue:
    """Certificate of the root, DER."""
    authority = standing_authority(current_provider())
    return Response(authority.root.public_bytes(Encoding.DER), mimetype=_CERTIFICATE)


@bp.get(PERSONS_PATH)
def persons() -> ResponseReturnValue:
    """Certificate of the authority that issues cards, DER."""
    authority = standing_authority(current_provider())
    return Response(authority.certificate.public_bytes(Encoding.DER), mimetype=_CERTIFICATE)


@bp.get(LIST_PATH)
def revoked() -> ResponseReturnValue:
    """The list of revoked certificates, made for the present."""
    provider = current_provider()
    made = make_list(provider, standing_authority(provider))
    return Response(made.public_bytes(Encoding.DER), mimetype=_LIST)


@bp.post(OCSP_PATH)
def ask() -> ResponseReturnValue:
    """OCSP over POST (RFC 6960, appendix A.1)."""
    if request.mimetype != _QUESTION:
        raise UnsupportedMediaType(f"the body must be of type {_QUESTION}")
    return _answer(request.get_data(cache=False))


@bp.get(f"{OCSP_PATH}/<path:encoded>")
def ask_by_address(encoded: str) -> ResponseReturnValue:
    """OCSP over GET: the request in base64 (RFC 6960, appendix A.1)."""
    try:
        body = base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise BadRequest("the address must end with a request in base64") from error
    return _answer(body)


def _answer(body: bytes) -> Response:
    provider = current_provider()
    told = answer(provider, standing_authority(provider), body)
    return Response(told.public_bytes(Encoding.DER), mimetype=_ANSWER)
