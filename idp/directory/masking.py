"""Private contacts as they may be shown: enough for their holder to recognise them (EC-02)."""

_SHOWN_DIGITS = 2


def masked_mobile(mobile: str) -> str:
    """The last digits of a number; empty where there is none."""
    return f"** ** ** {mobile[-_SHOWN_DIGITS:]}" if mobile else ""


def masked_email(email: str) -> str:
    """The first letter and the domain of an address; empty where there is none."""
    mailbox, _at, domain = email.partition("@")
    return f"{mailbox[:1]}***@{domain}" if email else ""
