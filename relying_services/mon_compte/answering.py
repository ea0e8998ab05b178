"""The fund answers a message of the contact form."""

from relying_services.clock import Clock
from relying_services.mon_compte.store import questions
from relying_services.service import trace
from relying_services.service.store.database import Store

_OFFICE = "OFFICE"
"""The means of an agent, who works at the fund's own commands."""
_CLIENT = "mon_compte"


class AlreadyAnswered(Exception):
    """There is no such message, or it has its answer."""

    def __init__(self, number: int) -> None:
        super().__init__(f"message {number} is unknown or answered already: see `questions`")


def answer_question(store: Store, clock: Clock, number: int, *, by: str, text: str) -> None:
    """Keep the answer to a message, once, with the name of who gave it.

    Raises:
        AlreadyAnswered: it has one, or there is no such message.
    """
    now = clock.now()
    with store.begin() as db:
        owner = questions.answer(db, number, now, by=by, text=text)
        if owner is None:
            raise AlreadyAnswered(number)
        agent = trace.Actor(f"agent:{by}", _OFFICE)
        obj = f"question:{number}"
        trace.note(db, now, _CLIENT, agent, "question:answered", object=obj, owner=owner)
