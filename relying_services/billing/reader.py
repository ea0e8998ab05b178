"""The card reader beside the workstation, by its control addresses (docs/cards.md 9).

The workstation never sees a code: it is typed at the reader.
"""

import base64
from http import HTTPStatus
from typing import Any

import requests

from relying_services.billing.card_errors import (
    CardAbsent,
    CardBlocked,
    CardNotActivated,
    CardRefused,
    CodeMissing,
    ReaderUnreachable,
)

_REFUSALS: dict[str, type[CardRefused]] = {
    each.code: each for each in (CardAbsent, CodeMissing, CardBlocked, CardNotActivated)
}
_SECRET_HEADER = "Ecps-Control-Secret"  # noqa: S105 - the name of a header


class Reader:
    """A reader.

    Args:
        url: where it is controlled.
        secret: its start-up secret.
        http: how it is asked.
        timeout: seconds.
    """

    def __init__(self, url: str, secret: str, http: requests.Session, timeout: float) -> None:
        self._url = f"{url.rstrip('/')}/control/v1"
        self._headers = {_SECRET_HEADER: secret, "Accept": "application/json"}
        self._http = http
        self._timeout = timeout

    def content(self) -> dict[str, Any]:
        """What the chip of the inserted card tells; nothing of it is verified yet.

        Raises:
            CardAbsent, CodeMissing, CardBlocked, CardNotActivated: the card is not open.
            ReaderUnreachable: the reader does not answer.
        """
        try:
            return self._ask("GET", "card-content")
        except CodeMissing:
            if self._has_no_try_left():
                raise CardBlocked from None
            raise

    def sign(self, content: bytes) -> dict[str, Any]:
        """The signature of the inserted card over some bytes; it is not verified yet.

        Raises:
            CardAbsent, CodeMissing, CardBlocked, CardNotActivated: the card is not open.
            ReaderUnreachable: the reader does not answer, or gives none.
        """
        given = {"content": base64.b64encode(content).decode("ascii")}
        signed = self._ask("POST", "card-sign", given).get("signed")
        if not isinstance(signed, dict):
            raise ReaderUnreachable
        return signed

    def _has_no_try_left(self) -> bool:
        status = self._ask("GET", "card-status")
        return any(
            card.get("number") == status.get("inserted") and card.get("tries_left") == 0
            for card in status.get("cards", [])
        )

    def _ask(self, method: str, name: str, members: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer = self._http.request(
                method,
                f"{self._url}/{name}",
                json=members,
                headers=self._headers,
                timeout=self._timeout,
                # The secret goes to the reader and nowhere else.
                allow_redirects=False,
            )
            told = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise ReaderUnreachable from error
        if not isinstance(told, dict):
            raise ReaderUnreachable
        if answer.status_code == HTTPStatus.CONFLICT:
            raise _REFUSALS.get(str(told.get("code")), ReaderUnreachable)
        if answer.status_code != HTTPStatus.OK:
            raise ReaderUnreachable
        return told
