"""The words of mails and SMS: French first, then English, from `templates/idp/mail/`.

The reader is the registered person, not whoever makes the request: the language of the request
chooses nothing here. Commands and jobs write too, so that no request is needed either.
"""

from dataclasses import dataclass

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from idp.resources import TEMPLATES
from idp.settings import Settings

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES / "mail"),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
)


@dataclass(frozen=True)
class Notice:
    """What a person is told of their e-CPS or contacts."""

    subject: str
    mail: str
    sms: str


def compose_text(settings: Settings, name: str, **values: object) -> str:
    """One text, in both languages."""
    template = _ENVIRONMENT.get_template(f"{name}.txt")
    return template.render(
        service=settings.service_name, support=settings.support_contact, **values
    )


def compose_notice(settings: Settings, name: str, **values: str) -> Notice:
    """A notice of `mail/notices/`, which sets `subject`, `french`, `english` and `sms`."""
    template = _ENVIRONMENT.get_template(f"notices/{name}.txt")
    parts = template.make_module(
        {"service": settings.service_name, "support": settings.support_contact} | values
    )
    told = {part: str(getattr(parts, part)) for part in ("subject", "french", "english", "sms")}
    return Notice(
        subject=f"{settings.service_name} : {told['subject']}",
        mail=compose_text(settings, "notice", french=told["french"], english=told["english"]),
        sms=f"{settings.service_name} : {told['sms']}",
    )
