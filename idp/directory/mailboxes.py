"""E-mail addresses as directories and operators write them."""

import re

# No quoted local part, no list: a contact is one mailbox, and what names it stands in a header.
_MAILBOX = re.compile(r"[^@\s,;:<>()\[\]\"\\]{1,64}@[^@\s,;:<>()\[\]\"\\]{1,189}")


_MSSANTE = re.compile(r"@(?:.+\.)?mssante\.fr\Z", re.IGNORECASE)


def mailbox(text: str) -> str:
    """The address when it is one mailbox; empty when it is anything else.

    An MSSanté address is for letters between professionals, and not suited to notices (EC-25).
    """
    return text if _MAILBOX.fullmatch(text) and not _MSSANTE.search(text) else ""
