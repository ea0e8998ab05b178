"""The part of the story at the workstation: prepare, activate, bill, sign, send; and its end."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

from idp.cli.demo_processes import DidNotStart, run
from idp.cli.demo_stage import StepFailed
from idp.cli.story_stage import Somebody, Story

_DAYS = timedelta(days=14)
_PATIENT = "FICTIF Oscar"
_ACCEPTED = "accepté"
_TAMPERED = "the signature does not hold"


def prepare(story: Story) -> None:
    """The replaced doctor's card is in the reader: what it says is memorised (SV-03, SV-04)."""
    story.sign_in(story.doctor, story.address("billing", "/replacements/new"))
    _prepare(story, story.stranger, "Clotaire HAUTERIVE-PRÉ")
    story.tell("At the workstation she signs in with her card, and prepares a session first for")
    story.tell(f"{story.stranger.name}, who offered to replace her.")


def refuse_stranger(story: Story) -> None:
    """A specialist's situation is another one: the mismatch is named (SV-06)."""
    _leave(story.doctor, story)
    stranger = story.stranger
    story.sign_in(stranger, story.address("billing", "/activation"))
    _activate(stranger)
    meaning = stranger.refused("situation_differs")
    story.tell(f"His card is refused, and the mismatch is named: “{meaning}”")
    _leave(stranger, story)


def prepare_anew(story: Story) -> None:
    """She closes what came to nothing, and prepares the session for Dr BRISELAME."""
    doctor = story.doctor
    story.sign_in(doctor, story.remembered["session"] + "/deactivate")
    doctor.send("/deactivate")
    doctor.done("the session is not closed")
    doctor.open(story.address("billing", "/replacements/new"))
    _prepare(story, story.substitute, "Anatole BRISELAME")
    story.tell(f"She closes that session, and prepares one for {story.substitute.name}: memorised")
    story.tell("are the situations of her own card, signed by it. Then she leaves.")
    _leave(doctor, story)


def activate(story: Story) -> None:
    """His own card, and a situation that equals one memorised (SV-06)."""
    substitute = story.substitute
    story.sign_in(substitute, story.address("billing", "/activation"))
    _activate(substitute)
    page = substitute.done("the session is not active")
    story.tell(f"{substitute.name} activates it with his own card: “{page.texts['acting-as']}”")


def bill(story: Story) -> None:
    """An invoice that carries both identities and her tariff (SV-08, SV-09)."""
    substitute = story.substitute
    substitute.open(story.address("billing", "/invoices/new"))
    substitute.send("/invoices/new", patient=_PATIENT, act_G="1", act_MEG="1")
    page = substitute.done("the invoice is not issued")
    story.tell(f"He bills a consultation: “{page.heading}”, in her name and by her tariff, with")
    story.tell("both identities on it, signed by his card.")


def sign_batch(story: Story) -> None:
    """A batch signed by his card, which anybody can verify by command (SV-10)."""
    substitute = story.substitute
    substitute.open(story.address("billing", "/batches"))
    substitute.send("/batches", invoices=["1"])
    substitute.done("the batch is not signed")
    address = substitute.page.url.partition("?")[0]
    story.remembered["batch"] = address
    file = story.walk.place / "LOT.json"
    for ending in ("LOT.json", "LOT.json.sig.json"):
        text = substitute.walk.browser.read_text(f"{address}/{ending}")
        file.with_name(ending).write_text(text, "utf-8")
    authority = story.walk.place / "persons.crt"
    verify = ["relying_services.billing", "verify", str(file), "--trust", str(authority)]
    for line in run(verify, environment={}).splitlines():
        story.tell(f"    {line}")
    file.write_text(file.read_text("utf-8").replace("3500", "9500"), "utf-8")
    story.tell("The batch carries his signature, and is verified by command; changed by one digit,")
    story.tell(f"it is refused: “{_refusal(verify)}”")


def send(story: Story) -> None:
    """Through her mailbox (SV-05); the fund answers."""
    substitute = story.substitute
    substitute.open(story.remembered["batch"])
    substitute.send("/send")
    substitute.done("the batch is not sent")
    substitute.send("/mailbox")
    answer = substitute.done("nothing is collected").texts.get("answer-1", "")
    if answer != _ACCEPTED:
        raise StepFailed(f"the fund does not accept the batch: “{answer}”")
    story.tell(f"He sends it through her mailbox. The fund verified it, and answers: “{answer}”.")


def close(story: Story) -> None:
    """Back, she closes the session with her card; purging what was memorised is offered."""
    doctor, substitute = story.doctor, story.substitute
    story.sign_in(doctor, story.remembered["session"] + "/deactivate")
    doctor.send("/deactivate")
    doctor.done("the session is not closed")
    story.tell("She is back, and closes the session with her card.")
    story.insert(substitute)
    substitute.visit(story.address("billing", "/invoices/new"))
    meaning = substitute.refused("situation_without_number")
    story.tell(f"He cannot bill any more, with his own card in the reader: “{meaning}”")
    story.insert(doctor)
    doctor.open(story.remembered["session"] + "/purge")
    doctor.send("/purge")
    page = doctor.done("nothing is purged")
    story.tell(f"What was memorised is deleted, as she is offered: “{page.heading}”.")


def _prepare(story: Story, substitute: Somebody, name: str) -> None:
    doctor = story.doctor
    doctor.send(
        "/replacements/new",
        substitute=substitute.national_id,
        name=name,
        kind="one_off",
        starts_on=story.today.isoformat(),
        ends_on=(story.today + _DAYS).isoformat(),
    )
    page = doctor.done("the session is not prepared")
    story.remembered["session"] = page.url.partition("?")[0]


def _activate(somebody: Somebody) -> None:
    """Each side has one situation, which is chosen already."""
    page = somebody.done("there is nothing to activate")
    somebody.send(urlsplit(page.url).path)


def _leave(somebody: Somebody, story: Story) -> None:
    """Sign out, here and at the provider: the next one sits at the same desk."""
    somebody.open(story.address("billing", "/"))
    somebody.send("/logout")
    story.walk.reader.do("card-remove")


def _refusal(verify: list[str]) -> str:
    """Why a batch that was changed is refused."""
    try:
        run(verify, environment={})
    except DidNotStart as error:
        told = str(error).strip().splitlines()[-1].removeprefix("Error: ")
        if _TAMPERED not in told:
            raise StepFailed(f"the batch was not read: {error}") from error
        return told
    raise StepFailed("a batch that was changed is still taken for genuine")


STEPS: list[tuple[str, Callable[[Story], None]]] = [
    ("workstation: she prepares a session", prepare),
    ("workstation: a card that does not fit", refuse_stranger),
    ("workstation: she prepares it for him", prepare_anew),
    ("workstation: he activates it", activate),
    ("workstation: he bills", bill),
    ("workstation: he signs a batch", sign_batch),
    ("workstation: he sends it", send),
]
END: list[tuple[str, Callable[[Story], None]]] = [("workstation: she closes it", close)]
