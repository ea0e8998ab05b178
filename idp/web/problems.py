"""Problem documents (RFC 9457): the shape of every error that the phone's protocol names."""

from http import HTTPStatus
from typing import Any

from flask import Response, jsonify

_TYPE = "application/problem+json"


def problem_body(status: int, code: str, detail: str, **members: Any) -> dict[str, Any]:
    """The document; ``members`` are its further members (docs/phone-protocol.md 1)."""
    return {
        "type": f"urn:ecps:error:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    } | members


def problem_response(body: dict[str, Any]) -> Response:
    """A document as a response of its own status."""
    response = jsonify(body)
    response.status_code = body["status"]
    response.content_type = _TYPE
    return response
