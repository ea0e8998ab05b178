"""What a request may look like: a body for each address that takes one, shown in the reference."""

from typing import Any

from tests.registration.helpers import PRACTICE

BODIES: dict[str, dict[str, Any]] = {
    "POST /control/v1/cards": {"national_id": "899788000216"},
    "POST /control/v1/cards/{card_number}/signatures": {"content": "b3Jkb25uYW5jZQ=="},
    "PUT /control/v1/cards/{card_number}/script": {
        "steps": [{"do": "wrong_code", "times": 1}],
        "then": {"do": "sign_in"},
    },
    "POST /control/v1/cards/{card_number}/sign-ins": {
        "address": "https://localhost:8005/auth/realms/esante-wallet/card/7d7c…"
    },
    "POST /control/v1/identities": {"only": ["899788000018", "899788000026"]},
    "POST /control/v1/logins": {
        "url": "http://localhost:3000/login",
        "national_id": "899788000026",
        "gives_up": True,
    },
    "POST /control/v1/logouts": {
        "url": "http://localhost:3000/logout",
        "browser_id": "q5LzBq1nQ0y2tWcT",
    },
    "POST /control/v1/phones": {"national_id": "899700990015", "pin": "4826"},
    "POST /control/v1/phones/{phone_id}/clones": {"phone_id": "stolen"},
    "PUT /control/v1/phones/{phone_id}/network": {"condition": "down"},
    "PUT /control/v1/phones/{phone_id}/pin": {"old": "4826", "new": "7305"},
    "PUT /control/v1/phones/{phone_id}/posture": {"rooted": True},
    "PUT /control/v1/phones/{phone_id}/script": {
        "steps": [{"do": "wrong_pin", "times": 2}, {"do": "refuse"}],
        "then": {"do": "approve"},
    },
    "POST /control/v1/settlement": {"timeout": 10.0},
    "POST /dev/v1/ans/cards": {"national_id": "899700990015", "family": "CPE"},
    "POST /dev/v1/ans/cards/{card_number}/opposition": {
        "reason": "lost",
        "lost_since": "2026-03-01T08:00:00Z",
    },
    "POST /dev/v1/clients": {
        "client_id": "my-app",
        "redirect_uris": ["http://localhost:5000/callback"],
    },
    "PATCH /dev/v1/clients/{client_id}": {"means": ["CARD"]},
    "POST /dev/v1/clock": {"advance": 18000},
    "POST /dev/v1/faults": {"fault": "id_token_wrong_nonce", "client_id": "my-app", "times": 1},
    "POST /dev/v1/keys/rotation": {"purpose": "tokens"},
    "POST /dev/v1/order/activities": {
        "national_id": "899700990015",
        "profession": "10C",
        "details": PRACTICE,
    },
    "POST /dev/v1/cpam/activities/{activity_id}": {"convention": "1", "tariff_zone": "20"},
    "PATCH /dev/v1/order/activities/{activity_id}": {"details": {"codePostal": "99003"}},
    "PUT /dev/v1/order/contacts/{national_id}": {"email": "claire.exemple@exemple.test"},
    "POST /dev/v1/order/registrations": {
        "family_name": "EXEMPLE",
        "given_name": "CLAIRE",
        "civilite": "MME",
        "birth_date": "14/07/1980",
        "profession": "10",
        "category": "C",
    },
    "POST /dev/v1/people": {"profession": "60", "family_name": "EXEMPLE", "card": True},
    "POST /dev/v1/people/bulk": {"count": 1000},
}
"""`METHOD /address` → its JSON body."""
