"""An address at which programs have this phone answer, for who can send no secret in a header.

The public conformance suite has its CIBA requests answered by calling one address. The answer is
the phone's own, by its keys and PIN (decision 3); the start-up secret of this one address stands
in its path instead of a header (decision 2).
"""

import hmac
import json

from werkzeug.exceptions import BadRequest, Forbidden
from werkzeug.wrappers import Request, Response

from wallet_sim.errors import NothingPending
from wallet_sim.phone import Phone

AUTOMATIC_PATH = "/automatic-approvals"


class AutomaticApprovals:
    """Answers the newest request that waits: a phone never learns the `auth_req_id` (decision 18).

    Args:
        phone: the phone.
        pin: its PIN, kept for as long as the process lives.
        secret: what the address must end with.
    """

    def __init__(self, phone: Phone, pin: str, secret: str) -> None:
        self._phone = phone
        self._pin = pin
        self._secret = secret

    @property
    def path(self) -> str:
        """The address on this phone, secret included."""
        return f"{AUTOMATIC_PATH}/{self._secret}"

    def answer(self, request: Request, given: str) -> Response:
        """`?action=allow|deny`, and `&number=` as the service shows one; 2xx when it is done.

        Raises:
            Forbidden: the secret is wrong, or the provider's people are real.
            BadRequest: `action` is something else.
            PhoneError: nothing waits, or the answer was refused.
        """
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise Forbidden("the address must end with the secret printed at start")
        action = request.args.get("action")
        if action not in {"allow", "deny"}:
            raise BadRequest("action must be allow or deny")
        waiting = self._phone.pending()
        if not waiting:
            raise NothingPending("no request waits for an answer")
        if not self._phone.is_simulation():
            raise Forbidden("a real e-CPS answers for nobody but the person who holds it")
        newest = waiting[0]
        if action == "deny":
            self._phone.refuse("cancelled", newest)
        else:
            # A client's configuration holds one number: requests with a text ask for none.
            number = request.args.get("number") if newest.number else None
            self._phone.approve(self._pin, number, newest)
        return Response(json.dumps({"action": action}), content_type="application/json")
