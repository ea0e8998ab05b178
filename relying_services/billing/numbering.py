"""Documents numbered without gaps, each signed under its number before it takes it.

The card is asked outside of any transaction; the number is taken in that of the document, and
only while it is still the next one.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from relying_services.billing.desk import Signed
from relying_services.billing.errors import NumberTaken
from relying_services.billing.store import numbers
from relying_services.service.store.database import Store

_TRIES = 5


def issue(
    store: Store,
    series: str,
    sign: Callable[[int], Signed],
    keep: Callable[[Session, int, Signed], None],
) -> int:
    """Issue a document; gives its number.

    Args:
        store: of the workstation.
        series: which documents are counted together.
        sign: has the document of a number signed.
        keep: keeps it, in the transaction that takes the number; what it raises takes none.

    Raises:
        NumberTaken: others took each number that was tried.
    """
    for _ in range(_TRIES):
        with store.read() as db:
            number = numbers.next_number(db, series)
        signed = sign(number)
        with store.begin() as db:
            if numbers.take(db, series, number):
                keep(db, number, signed)
                return number
    raise NumberTaken
