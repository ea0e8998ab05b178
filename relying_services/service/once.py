"""A form that is sent twice is done once: two presses of the button, two tabs, a page come back to.

A form whose act would be done again carries a random text of its own beside the one that our pages
know (`csrf.py`). It protects people from themselves: a program that sends none repeats itself.
"""

import secrets
from collections.abc import Callable

from flask import Flask, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from relying_services.service.digest import digest
from relying_services.service.service import signed_in, this_service
from relying_services.service.store.forms import led_to, note_led_to, take

_NAME = "once"


def init_app(app: Flask) -> None:
    """Offer the field to the pages."""
    app.add_template_global(field, "once_field")


def field() -> Markup:
    """The hidden field of a form that is done once; a form shown again keeps its text."""
    text = request.form.get(_NAME) or secrets.token_urlsafe(16)
    return Markup('<input type="hidden" name="once" value="{}">').format(text)


def once(db: Session, act: Callable[[], str]) -> str:
    """Do what a posted form asks, unless this person sent this very form before, word for word.

    Args:
        db: the transaction of the act; an error of the act gives the form back with it.
        act: does it, and gives the address of the page that tells so.

    Returns:
        The address to lead the browser to.

    Raises:
        NotSignedIn: nobody is signed in.
    """
    if not request.form.get(_NAME):
        return act()
    form = _form_of(signed_in().actor)
    if not take(db, form, this_service().clock.now()):
        return led_to(db, form)
    address = act()
    note_led_to(db, form, address)
    return address


def _form_of(actor: str) -> str:
    """Who comes back to a page and changes what is written there asks for something else."""
    typed = (each for pair in request.form.items(multi=True) for each in pair)
    return digest("\0".join((actor, *typed)))
