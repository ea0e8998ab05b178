"""What can go wrong in a test: each says what was wrong, and what to do."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wallet_sim.harness.story import Step


class HarnessError(Exception):
    """Anything that the harness cannot do."""


class ProviderNotStarted(HarnessError):
    """The provider ended, or did not answer in time; what it printed stands in the message."""


class ProviderEnded(HarnessError):
    """The provider ended before the tests did; what it printed stands in the message."""


class NoPerson(HarnessError):
    """Somebody was named by something else than a `Person`."""


class RedirectUrisNoList(HarnessError):
    """One address was given where a list of them is meant."""


class PersonCannotAnswer(HarnessError):
    """The person has no card that could answer."""


class CardDidNotSignIn(HarnessError):
    """A card was asked for, and its holder or the provider did not let it sign in."""

    def __init__(self, number: str, behaviour: str, outcome: str, error: str | None) -> None:
        told = f" ({error})" if error else ""
        super().__init__(f"card {number} did not sign in: {behaviour} -> {outcome}{told}")
        self.outcome = outcome
        """`ignored`, or the code of what refused it."""


class PageNotUsable(HarnessError):
    """A page was given that cannot be driven."""


class LoginFailed(HarnessError):
    """A login did not come back to the service; the message tells the whole story.

    Attributes:
        url: where the browser stood.
        steps: every answer on the way.
        page: which page of the provider it was, such as `signin/outcome.html`; empty elsewhere.
        said: what that page told the person.
    """

    def __init__(
        self, message: str, *, url: str, steps: "list[Step]", page: str = "", said: str = ""
    ) -> None:
        super().__init__(message)
        self.url = url
        self.steps = steps
        self.page = page
        self.said = said
