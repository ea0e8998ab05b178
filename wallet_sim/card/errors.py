"""What can go wrong with a card or in its reader: one class for each code (docs/cards.md).

They are refusals like a phone's, and are told where a phone's are told.
"""

from wallet_sim.errors import PhoneError, ProviderRefusal


class CardError(PhoneError):
    """Anything that a card or its reader refuses or is refused."""

    code = "card_error"


# -- the card itself ------------------------------------------------------------------------------


class CardAbsent(CardError):
    """No such card, or none in the reader."""

    code = "card_absent"


class CardInUse(CardError):
    """Another process, such as the reader it is in, holds the card."""

    code = "card_in_use"


class CardFileRefused(CardError):
    """The card's file is readable by others, damaged, or of another version."""

    code = "card_file_refused"


class TokenUnavailable(CardError):
    """The PKCS#11 module or the card's token cannot be used."""

    code = "token_unavailable"


class CodeMalformed(CardError):
    """The holder's code has 4 digits, the unblocking code 8; no try was taken."""

    code = "code_malformed"


class CodesDiffer(CardError):
    """A new code was not typed twice alike; no try was taken."""

    code = "codes_differ"


class CodeMissing(CardError):
    """The card asks for its code first."""

    code = "code_missing"


class WrongCode(CardError):
    """The holder's code is wrong: `tries_left`."""

    code = "wrong_code"

    def __init__(self, tries_left: int) -> None:
        super().__init__(f"the code is wrong; tries left: {tries_left}")
        self.tries_left = tries_left


class CodeBlocked(CardError):
    """No try of the holder's code is left: the unblocking code, `unblock_tries_left`."""

    code = "code_blocked"

    def __init__(self, unblock_tries_left: int) -> None:
        super().__init__(
            f"the code is blocked; tries left of the unblocking code: {unblock_tries_left}"
        )
        self.unblock_tries_left = unblock_tries_left


class WrongUnblockCode(CardError):
    """The unblocking code is wrong: `tries_left`."""

    code = "wrong_unblock_code"

    def __init__(self, tries_left: int) -> None:
        super().__init__(f"the unblocking code is wrong; tries left: {tries_left}")
        self.tries_left = tries_left


class UnblockBlocked(CardError):
    """No try of the unblocking code is left: the card must be replaced."""

    code = "unblock_blocked"


class ContentRefused(CardError):
    """A content that the authority of the cards did not sign for this card."""

    code = "content_refused"


class SignatureRefused(CardError):
    """A signed file whose signature, certificate or authority does not hold."""

    code = "signature_refused"


# -- the provider's refusals ----------------------------------------------------------------------


class CardNotRecognised(CardError):
    """The provider does not know this card, or its clock is another."""

    code = "not_recognised"


class PresentationRefused(CardError):
    """The provider had evaluated another code since, or does not believe the signature."""

    code = "presentation_refused"


class TransitionRefused(CardError):
    """The card's state forbids it: `state`."""

    code = "transition_refused"

    def __init__(self, state: str | None) -> None:
        super().__init__(f"the state of the card forbids it: {state}")
        self.state = state


class CardNotToBeMade(TransitionRefused):
    """The provider makes no card of this number: none was ordered, or it was made before."""

    def __init__(self, number: str, state: str | None) -> None:
        super().__init__(state)
        self.number = number

    def __str__(self) -> str:
        """What is to be done."""
        if self.state == "unknown":
            return f"no card {self.number} was ordered"
        return (
            f"the card {self.number} was made before, and is {self.state}; if its file was lost, "
            f"oppose it (ecps-idp card oppose {self.number} --reason dysfonctionnement) and ask "
            f"for another (ecps-idp card replace {self.number})"
        )


class CardUnknownRefusal(CardError):
    """A refusal of the provider that has no class of its own: see `received`."""

    code = "card_refused"

    def __init__(self, refusal: ProviderRefusal) -> None:
        super().__init__(str(refusal))
        self.received = refusal.code_received


# -- the reader -----------------------------------------------------------------------------------


class HandleMalformed(CardError):
    """What names the sign-in is no handle."""

    code = "handle_malformed"


class ServerUntrusted(CardError):
    """The listener's certificate does not hold: nothing of the card was shown to it."""

    code = "server_untrusted"


class RequestRefused(CardError):
    """The provider refuses to list requests, or an answer: `reason` is its code."""

    code = "request_refused"

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class RequestGone(CardError):
    """No such request was shown with this card: it was answered, or its time is over."""

    code = "request_gone"


class RedirectRefused(CardError):
    """The listener leads away from the card's provider."""

    code = "redirect_refused"


class SignInRefused(CardError):
    """The provider refuses this card: `reason` is its code, `detail` its words."""

    code = "sign_in_refused"

    def __init__(self, reason: str, detail: str, service: str | None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.service = service
