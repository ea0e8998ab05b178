"""What the workstation refuses of what is asked, by name (SV-06, SV-07)."""

from datetime import date
from http import HTTPStatus

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relying_services.service.errors import ServiceError
from relying_services.service.formats import day


class ReplacementRefused(ServiceError):
    """The replacement session does not allow it; each reason has its class."""

    code = "replacement_refused"
    status = HTTPStatus.CONFLICT
    title = _l("Session de remplacement refusée")


class NoPreparedSession(ReplacementRefused):
    """Nothing was prepared on this workstation for who is signed in."""

    code = "no_prepared_session"
    meaning = _l(
        "Aucune session de remplacement n’est préparée pour vous sur ce poste. Demandez "
        "au médecin remplacé de la préparer avec sa carte."
    )


class AnotherSubstitute(ReplacementRefused):
    """The session was prepared for somebody else."""

    code = "another_substitute"
    meaning = _l("Cette session de remplacement est préparée pour un autre remplaçant.")


class SessionSuspended(ReplacementRefused):
    """The replaced doctor works meanwhile: only they resume the session (SV-11)."""

    code = "session_suspended"
    meaning = _l(
        "Cette session de remplacement est suspendue par le médecin remplacé, qui seul la "
        "reprend, avec sa carte."
    )


class OutsideDates(ReplacementRefused):
    """The replacement has not begun, or is over."""

    code = "outside_dates"
    meaning = _l("Nous ne sommes pas dans les dates de ce remplacement.")


class WrongState(ReplacementRefused):
    """The state of the session does not allow this act (SV-13)."""

    code = "wrong_state"
    meaning = _l(
        "L’état de la session de remplacement ne permet pas cette action. Rechargez la page."
    )


class NotActive(ReplacementRefused):
    """Nothing can be billed: the session is not active in this browser (SV-11)."""

    code = "not_active"
    meaning = _l(
        "Votre session de remplacement n’est pas active dans cette fenêtre : activez-la "
        "avec votre carte."
    )


class ReplacementUnderWay(ReplacementRefused):
    """The replaced doctor bills while the substitute does: suspend the session first."""

    code = "replacement_under_way"
    meaning = _l(
        "Une session de remplacement est active : suspendez-la avant de facturer vous-même."
    )


class SnapshotAltered(ReplacementRefused):
    """What was memorised is not what the replaced doctor's card signed."""

    code = "snapshot_altered"
    meaning = _l(
        "Les informations mémorisées ne sont plus celles que le médecin remplacé a "
        "signées : il doit préparer de nouveau la session."
    )


class SituationDiffers(ReplacementRefused):
    """The situation on the card equals none memorised (SV-06).

    Args:
        differences: a sentence for each member that differs.
    """

    code = "situation_differs"
    title = _l("Situation de facturation différente")

    def __init__(self, differences: list[str]) -> None:
        super().__init__("; ".join(differences))
        self.differences = differences
        self.meaning = " ".join(differences)


class LogNotEmptied(ServiceError):
    """Everything was deleted, but the log of the database still holds it (SV-12)."""

    code = "log_not_emptied"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = _l("Suppression à terminer")
    meaning = _l(
        "Les informations mémorisées sont supprimées, mais un programme qui lit la base de ce "
        "poste empêche d’en vider le journal. Fermez ce programme, puis redémarrez le poste."
    )


class TariffUnknown(ServiceError):
    """No price is known for this act under this convention and zone."""

    code = "tariff_unknown"
    status = HTTPStatus.CONFLICT
    title = _l("Tarif inconnu")
    meaning = _l("Aucun tarif n’est connu de ce poste pour cette convention et cette zone.")


class NumberTaken(ServiceError):
    """Others took the next number again and again; nothing was issued."""

    code = "number_taken"
    status = HTTPStatus.CONFLICT
    meaning = _l("Un autre document a été émis au même moment. Recommencez.")


class BatchEmpty(ServiceError):
    """No invoice can go into a batch."""

    code = "batch_empty"
    status = HTTPStatus.BAD_REQUEST
    title = _l("Lot vide")
    meaning = _l("Choisissez au moins une facture qui n’est dans aucun lot.")


class AlreadySent(ServiceError):
    """A batch goes out once."""

    code = "already_sent"
    status = HTTPStatus.CONFLICT
    title = _l("Lot déjà envoyé")
    meaning = _l("Ce lot est déjà parti. La réponse de la caisse est dans la boîte aux lettres.")


class MailboxRefused(ServiceError):
    """The mailbox is somebody else's, and no access was granted or it was withdrawn (SV-05)."""

    code = "mailbox_refused"
    meaning = _l("Vous n’avez pas accès à la boîte aux lettres de ce médecin.")


class MailboxAwaited(MailboxRefused):
    """Access was asked of the provider of the mailbox, and is not open yet (SV-05).

    Args:
        asked_on: the day in Paris on which it was asked for.
    """

    code = "mailbox_awaited"
    title = _l("Boîte aux lettres pas encore ouverte")

    def __init__(self, asked_on: date) -> None:
        super().__init__(f"asked on {asked_on}")
        self.meaning = _(
            "L’accès à la boîte aux lettres de ce médecin est demandé à son fournisseur depuis le "
            "%(day)s, et n’est pas encore ouvert. Le médecin remplacé confirme l’ouverture sur ce "
            "poste.",
            day=day(asked_on),
        )


class MailboxNotAsked(ServiceError):
    """There is nothing to confirm: nothing was asked of the provider, or it is open already."""

    code = "mailbox_not_asked"
    status = HTTPStatus.CONFLICT
    title = _l("Aucune demande en attente")
    meaning = _l(
        "Aucune ouverture de la boîte aux lettres n’est attendue pour cette session. Revenez à la "
        "page de la session."
    )
