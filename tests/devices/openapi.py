"""The machine-readable form of the phone's protocol.

`python -m tests.devices.openapi` writes `docs/openapi-wallet.json`; a test holds it to the routes
and to the error classes of the provider.
"""

import json
from pathlib import Path
from typing import Any

from idp.devices import errors
from idp.devices.errors import ProblemError
from idp.enrolment import errors as enrolment_errors

FILE = Path(__file__).parents[2] / "docs" / "openapi-wallet.json"

Members = dict[str, dict[str, Any]]

_TEXT: dict[str, Any] = {"type": "string"}
_TEXT_OR_NULL: dict[str, Any] = {"type": ["string", "null"]}
_INTEGER: dict[str, Any] = {"type": "integer"}
_OBJECT: dict[str, Any] = {"type": "object"}
_PROOF: Members = {"roll": _TEXT, "counter": _INTEGER, "assertion": _OBJECT}
_REGISTRATION: Members = {
    "registration": _OBJECT,
    "policy_version": _INTEGER,
}
_ACTIVATION: Members = _REGISTRATION | {"push": {"type": ["object", "null"]}}
_ACTIVE: Members = {
    "device_id": _TEXT,
    "national_id": _TEXT,
    "display_name": _TEXT,
    "roll": _TEXT,
    "expires_at": _INTEGER,
    "revocation_code": _TEXT,
}
_OUTCOME: Members = {"outcome": _TEXT}
_SMS: Members = {"sms": _OBJECT}

# address: (what it does, members of the request, status, members of the answer)
ADDRESSES: dict[str, tuple[str, Members, int, Members]] = {
    "/enrolments": (
        "Begin an activation (5.1)",
        {"national_id": _TEXT, "name": _TEXT},
        202,
        {"ticket_id": _TEXT, "expires_at": _INTEGER, "mail_expires_at": _INTEGER},
    ),
    "/enrolments/{ticket_id}/redeem": ("Redeem the QR (5.2)", {"token": _TEXT}, 200, _SMS),
    "/enrolments/{ticket_id}/resend": ("Ask for another SMS (5.3)", {}, 200, _SMS),
    "/enrolments/{ticket_id}/verify": (
        "Verify the SMS code (5.4)",
        {"code": _TEXT},
        200,
        {"document": _TEXT},
    ),
    "/enrolments/{ticket_id}/activate": (
        "Prove the PIN key (5.5)",
        _ACTIVATION,
        201,
        _ACTIVE,
    ),
    "/pairings": (
        "Scan the portal's QR (10.1)",
        {"token": _TEXT, "name": _TEXT},
        201,
        {"pairing_id": _TEXT, "code": _TEXT, "expires_at": _INTEGER},
    ),
    "/pairings/{pairing_id}/confirmation": (
        "Whether the code was typed (10.3)",
        {},
        200,
        {"state": {"enum": ["scanned", "confirmed"]}, "document": _TEXT},
    ),
    "/pairings/{pairing_id}/activate": (
        "Prove the PIN key (10.4)",
        _ACTIVATION,
        201,
        _ACTIVE,
    ),
    "/pending": (
        "The sign-ins that wait (6)",
        {},
        200,
        {"challenges": {"type": "array", "items": _TEXT}},
    ),
    "/challenges/{challenge_id}/answer": (
        "Approve (6)",
        {"decision": {"const": "approve"}, "number": _TEXT_OR_NULL} | _PROOF,
        200,
        _OUTCOME
        | {
            "roll": _TEXT,
            "failures_since_success": _INTEGER,
            "completion": {"type": ["string", "null"]},
        },
    ),
    "/challenges/{challenge_id}/refuse": (
        "Refuse (6)",
        {"reason": {"enum": ["cancelled", "unknown_trigger"]}},
        200,
        _OUTCOME,
    ),
    "/outcome": (
        "What became of an answer (7)",
        {"about": _TEXT},
        200,
        {"known": {"type": "boolean"}, "status": _INTEGER, "body": _OBJECT},
    ),
    "/pin-change/start": ("Ask for a PIN change (8.1)", {}, 200, {"document": _TEXT}),
    "/pin-change/begin": (
        "Prove the old PIN and the new key (8.2)",
        {"challenge_id": _TEXT} | _PROOF | _REGISTRATION,
        200,
        _OUTCOME | {"roll": _TEXT},
    ),
    "/pin-change/commit": ("Switch (8.3)", {"credential_id": _TEXT}, 200, _OUTCOME),
    "/pin-change/rollback": ("Keep the old PIN (8.4)", {}, 200, _OUTCOME),
    "/status": (
        "In doubt (8)",
        {},
        200,
        {
            "state": _TEXT,
            "credential_id": _TEXT,
            "next_credential_id": {"type": ["string", "null"]},
            "pin_generation": _INTEGER,
            "policy_version": _INTEGER,
            "locked_until": {"type": ["integer", "null"]},
            "expires_at": _INTEGER,
            "failures_since_success": _INTEGER,
        },
    ),
    "/push": (
        "Change the push address (9)",
        {"endpoint": {"type": ["string", "null"]}, "keys": _OBJECT},
        200,
        _OUTCOME,
    ),
    "/delete": ("Delete the e-CPS (9)", {}, 200, _OUTCOME),
}


def compose() -> dict[str, Any]:
    """The document."""
    signed = {address: {"post": _operation(address)} for address in ADDRESSES}
    configuration = {
        "summary": "The signed configuration (3)",
        "responses": {"200": {"description": "JWS", "content": {"application/jose": {}}}},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "The phone's protocol",
            "version": "1",
            "description": "Every POST carries a JWS by the device key, whose payload is the "
            "schema given. See phone-protocol.md.",
        },
        "servers": [{"url": "/wallet/v1"}],
        "paths": {"/configuration": {"get": configuration}} | signed,
        "components": {"schemas": {"Request": _request(), "Problem": _problem()}},
    }


def write() -> str:
    """The file's text."""
    return json.dumps(compose(), ensure_ascii=False, indent=1) + "\n"


def problem_codes() -> dict[str, int]:
    """Every code of the protocol's errors, with its status."""
    named = vars(errors) | vars(enrolment_errors)
    classes = [value for value in named.values() if isinstance(value, type)]
    return {
        kind.code: kind.status
        for kind in classes
        if issubclass(kind, ProblemError) and kind is not ProblemError
    }


def _operation(address: str) -> dict[str, Any]:
    summary, sent, status, given = ADDRESSES[address]
    payload = {"allOf": [{"$ref": "#/components/schemas/Request"}, _schema(sent)]}
    names = [part[1:-1] for part in address.split("/") if part.startswith("{")]
    return {
        "summary": summary,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": _TEXT} for name in names
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/jose": {
                    "schema": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "contentSchema": payload,
                    }
                }
            },
        },
        "responses": {
            str(status): {
                "description": "done",
                "content": {"application/json": {"schema": _schema(given)}},
            },
            "default": {
                "description": "refused",
                "content": {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                },
            },
        },
    }


def _schema(members: Members) -> dict[str, Any]:
    return {"type": "object", "properties": members}


def _request() -> dict[str, Any]:
    members = {
        "v": {"const": 1},
        "aud": _TEXT,
        "path": _TEXT,
        "iat": _INTEGER,
        "request_id": _TEXT,
    }
    return _schema(members) | {"required": list(members)}


def _problem() -> dict[str, Any]:
    members = {
        "type": _TEXT,
        "title": _TEXT,
        "status": _INTEGER,
        "detail": _TEXT,
        "code": {"type": "string", "examples": sorted(problem_codes())},
    }
    return _schema(members) | {"required": list(members)}


if __name__ == "__main__":
    FILE.write_text(write(), "utf-8")
