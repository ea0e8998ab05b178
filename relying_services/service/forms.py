"""What was typed into a form and cannot be taken, told at each field."""

from collections.abc import Mapping

from flask_babel import LazyString

Errors = Mapping[str, str | LazyString]
"""What is wrong with each field and how to correct it, in words, by its name."""


class FormWrong(ValueError):
    """A posted form that cannot be taken.

    Attributes:
        errors: what to show at its fields.
    """

    def __init__(self, errors: Errors) -> None:
        super().__init__("the form has errors in " + ", ".join(sorted(errors)))
        self.errors = errors
