"""What stands for an identifier in each address of the account that has one.

An address that is not here fails `test_data_access.py`: whoever adds one says here how a row of an
owner is made.
"""

from collections.abc import Callable

from flask import Flask

from tests.relying_services.mon_compte.rows import invoice, pay, practice
from tests.relying_services.signed_in import post, sign_in

UNKNOWN = 987_654
"""Of no row."""


def a_payment(app: Flask, owner: str) -> int:
    number = int(owner[-3:])
    pay(app, number, owner)
    invoice(app, number, number, owner, patient=f"PATIENT-DE {owner}")
    return number


def an_order(app: Flask, owner: str) -> int:
    practice(app, f"99{owner[-7:]}", owner)
    fields = {"livraison": f"99{owner[-7:]}", "transport": "2"}
    answer = post(sign_in(app, owner), "/imprimes", **fields)
    return int(answer.location.rsplit("/", 1)[1])


def a_question(app: Flask, owner: str) -> int:
    fields = {"sujet": "autre", "message": f"Message de {owner}"}
    answer = post(sign_in(app, owner), "/contact", **fields)
    return int(answer.location.rsplit("/", 1)[1])


MADE: dict[str, Callable[[Flask, str], int]] = {
    "payments.payment": a_payment,
    "forms.order": an_order,
    "forms.confirmed": an_order,
    "forms.dropped": an_order,
    "contact.question": a_question,
}
"""Makes a row of an owner and gives its number, by endpoint."""

BY_SECRET = {"invitation.show", "invitation.accept", "invitation.refuse"}
"""Endpoints that take no number but a secret of EspacePro's: nobody is signed in yet."""

LISTS: dict[str, Callable[[Flask, str], int]] = {
    "/paiements": a_payment,
    "/paiements/aide-teletransmission": a_payment,
    "/paiements/tiers-payant": a_payment,
    "/imprimes": an_order,
    "/contact": a_question,
}
"""The same for lists whose address may name the row behind which they go on."""
