"""The pages of services: each module puts its own on the blueprint."""

from idp.console.services import confirm_pages, edit_pages, pages
from idp.console.services.blueprint import bp

__all__ = ["bp", "confirm_pages", "edit_pages", "pages"]
