"""The story of a replacement, told step by step: cards, delegation, work, billing, its end.

Everything is done as people do it: with cards whose codes they type at the reader, in a browser
each, by the pages of the services. Mails alone are read by command, as a mailbox would show them.
"""

from collections.abc import Callable
from datetime import timedelta

from idp.cli import story_trace, story_workstation
from idp.cli.demo_card_walk import CARD_HOLDER, CARD_NUMBER
from idp.cli.demo_stage import Walk
from idp.cli.demo_walk import PERSON
from idp.cli.story_stage import Story, link_in, somebody
from idp.clock import Clock
from idp.web.dates import FRANCE

_DOCTOR_CARD = "9700000001"
_STRANGER, _STRANGER_CARD = "899700990080", "9700000009"
_SUBSTITUTE_MAIL = "anatole.briselame@exemple.test"
_DAYS = timedelta(days=14)
_DELEGATED = ["aat", "dmt"]
_OUTSIDE = "transport"
_PATIENT = {"nom": "FICTIF", "prenom": "Oscar", "naissance": "1980-05-17"}


def begin(walk: Walk) -> Story:
    """The people of the story, before anything happened."""
    return Story(
        walk,
        doctor=somebody(walk, PERSON, "Dr MARGELLE", _DOCTOR_CARD),
        substitute=somebody(walk, CARD_HOLDER, "Dr BRISELAME", CARD_NUMBER),
        stranger=somebody(walk, _STRANGER, "Dr HAUTERIVE-PRÉ", _STRANGER_CARD),
        today=Clock().now().astimezone(FRANCE).date(),
    )


def make_cards(story: Story) -> None:
    """Each of them receives a card, and its code in a letter of its own."""
    for each in (story.doctor, story.substitute, story.stranger):
        story.walk.make_card(each.card)
        code = story.walk.codes[each.card] = story.walk.message("letter", holding="code")["code"]
        story.tell(f"{each.name} receives card {each.card}; its code {code} comes separately.")


def draw_up(story: Story) -> None:
    """The doctor signs in by card and draws a delegation up; nothing has effect yet."""
    doctor = story.doctor
    address = story.address("espacepro", "/mon-compte/delegations/new")
    story.sign_in(doctor, address)
    story.tell(f"{doctor.name} signs in to EspacePro with her card: “{doctor.page.heading}”.")
    doctor.send(
        "/mon-compte/delegations",
        email=_SUBSTITUTE_MAIL,
        status="remplacant",
        services=_DELEGATED,
        starts_on=story.today.isoformat(),
        ends_on=(story.today + _DAYS).isoformat(),
        rpps=story.substitute.national_id,
        family_name="BRISELAME",
        given_name="Anatole",
    )
    page = doctor.done("the delegation is not drawn up")
    story.tell(
        f"She delegates {' and '.join(_DELEGATED)} for 14 days, and reads: “{page.heading}”."
    )


def invite(story: Story) -> None:
    """She confirms, and the invitation goes to the agreed address."""
    story.doctor.send("/envoi")
    story.doctor.done("the invitation is not sent")
    story.remembered["delegation"] = story.doctor.page.url.rpartition("/")[2]
    mail = story.mail_to("espacepro", _SUBSTITUTE_MAIL)
    start = story.address("espacepro", "/invitations/")
    story.remembered["invitation"] = link_in(mail["text"], start)
    story.tell(f"She confirms. A mail goes to {_SUBSTITUTE_MAIL}: “{mail['subject']}”.")


def accept(story: Story) -> None:
    """The substitute signs in as himself, with his own card, and accepts."""
    substitute = story.substitute
    page = story.sign_in(substitute, story.remembered["invitation"])
    story.tell(
        f"{substitute.name} opens the link and signs in with his own card: “{page.heading}”."
    )
    substitute.send("/acceptation")
    substitute.done("the invitation is not accepted")
    story.tell(f"He accepts, and finds it there: “{substitute.page.heading}”.")


def act(story: Story) -> None:
    """He acts under the delegation; the page says for whom, and the act names both."""
    substitute = story.substitute
    substitute.open(story.address("espacepro", "/delegue"))
    substitute.send("/agir", delegation_id=story.remembered["delegation"])
    page = substitute.done("he may not act")
    story.tell(f"He acts under it; each page says so: “{page.texts['acting-as']}”")
    substitute.open(story.address("espacepro", "/services/aat"))
    first, last = story.today, story.today + timedelta(days=3)
    substitute.send(
        "/services/aat",
        **_PATIENT,
        nature="initial",
        du=first.isoformat(),
        au=last.isoformat(),
        sorties="libres",
    )
    substitute.done("the sick leave is not drawn up")
    substitute.send("/confirmation")
    page = substitute.done("the sick leave is not sent")
    story.tell(f"Within the delegation, a sick leave is read again and sent: “{page.heading}”.")


def act_outside(story: Story) -> None:
    """What was not delegated is refused, and traced (EP-04)."""
    story.substitute.visit(story.address("espacepro", f"/services/{_OUTSIDE}"))
    meaning = story.substitute.refused("service_outside")
    story.tell(f"Outside it, a transport order is refused: “{meaning}”")


def revoke(story: Story) -> None:
    """She ends the delegation; his very next request is refused (EP-17)."""
    doctor, delegation = story.doctor, story.remembered["delegation"]
    address = story.address("espacepro", f"/mon-compte/delegations/{delegation}/revocation")
    doctor.open(address)
    doctor.send("/revocation")
    doctor.done("the delegation is not revoked")
    story.tell("She revokes the delegation. He still stands on his page, signed in.")
    story.substitute.visit(story.address("espacepro", "/services/aat"))
    meaning = story.substitute.refused("revoked")
    story.tell(f"His very next request is refused: “{meaning}”")


STEPS: list[tuple[str, Callable[[Story], None]]] = [
    ("cards: made and posted", make_cards),
    ("EspacePro: she draws a delegation up", draw_up),
    ("EspacePro: the invitation", invite),
    ("EspacePro: he accepts, as himself", accept),
    ("EspacePro: he acts in her name", act),
    ("EspacePro: what was not delegated", act_outside),
    *story_workstation.STEPS,
    ("the trace: she reads what he did", story_trace.read_trace),
    ("the trace: joined with the provider's journal", story_trace.join_journal),
    *story_workstation.END,
    ("EspacePro: she revokes the delegation", revoke),
]
