"""What a phone is told when something does not hold (RFC 9457, docs/phone-protocol.md 1).

A class is one code of the protocol. Enrolment raises the same base and registers the same handler.
"""

from datetime import datetime
from typing import Any, ClassVar

from flask import Blueprint, Response
from flask_babel import lazy_gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from idp.web.problems import problem_body, problem_response


class ProblemError(Exception):
    """An answer that says why not; ``members`` are the further members of the problem."""

    code: ClassVar[str]
    status: ClassVar[int]
    detail: ClassVar[Any]

    def __init__(self, **members: Any) -> None:
        super().__init__(self.code)
        self.members = members

    def body(self) -> dict[str, Any]:
        """The problem document, in the language of the request."""
        return problem_body(self.status, self.code, str(self.detail), **self.members)


class Malformed(ProblemError):
    """The request lacks a member, or one has another form than the protocol's."""

    code = "malformed"
    status = 400
    detail = _("La demande est mal formée.")


class NotRecognised(ProblemError):
    """The outer signature proves nothing: always the same words, whatever the reason."""

    code = "not_recognised"
    status = 401
    detail = _("Ce téléphone n’est pas reconnu.")


class DeviceInactive(ProblemError):
    """The device is known and its signature holds, but it is no longer active: ``state``."""

    code = "device_inactive"
    status = 403
    detail = _("Cette e-CPS n’est plus active.")


class WrongPin(ProblemError):
    """``roll`` with ``tries_left`` and ``document``, or with ``retry_at``."""

    code = "wrong_pin"
    status = 403
    detail = _("Le code e-CPS est faux.")


class WrongNumber(ProblemError):
    """The PIN was right; the challenge is dead (decision 20): ``roll``."""

    code = "wrong_number"
    status = 403
    detail = _("Ce n’est pas le nombre affiché : la connexion est annulée.")


class RegistrationRefused(ProblemError):
    """The new PIN key is not proved as the protocol says."""

    code = "registration_refused"
    status = 403
    detail = _("La clé de l’e-CPS est refusée.")


class PostureRefused(ProblemError):
    """What the phone declares of itself forbids it to hold an e-CPS: ``reason`` (EC-28)."""

    code = "posture_refused"
    status = 403
    detail = _(
        "Ce téléphone ne peut pas utiliser d’e-CPS : il est modifié, l’application ne vient pas "
        "du magasin officiel, ou sa carte SIM a changé. Dans ce dernier cas, activez-la de nouveau."
    )


class PolicyStale(ProblemError):
    """The PIN was chosen under another version of the policy than the one in force."""

    code = "policy_stale"
    status = 409
    detail = _("Les règles du code e-CPS ont changé : choisissez-le de nouveau.")


class ChallengeClosed(ProblemError):
    """Expired, decided, or of somebody else."""

    code = "challenge_closed"
    status = 409
    detail = _("Cette demande n’attend plus de réponse.")


class NonceStale(ProblemError):
    """Another document was signed than the one that waits: ``document``."""

    code = "nonce_stale"
    status = 409
    detail = _("Cette demande a changé : relisez-la.")


class CloneSuspected(ProblemError):
    """The rolling token or the counter tells of a copy: the device is suspended."""

    code = "clone_suspected"
    status = 409
    detail = _("Une copie de cette e-CPS semble utilisée : l’e-CPS est suspendue.")


class RequestIdReused(ProblemError):
    """The same ``request_id`` came with other bytes."""

    code = "request_id_reused"
    status = 409
    detail = _("Cet identifiant de demande a déjà servi.")


class AnswerUnfinished(ProblemError):
    """The same bytes came while their first evaluation runs, or was interrupted."""

    code = "answer_unfinished"
    status = 409
    detail = _("Le résultat de cette réponse n’est pas connu : demandez-le.")


class NothingBegun(ProblemError):
    """A commit or rollback names no PIN change that was begun."""

    code = "nothing_begun"
    status = 409
    detail = _("Aucun changement de code n’est en cours.")


class Locked(ProblemError):
    """The waiting time runs; the PIN was not looked at: ``retry_at``."""

    code = "locked"
    status = 423
    detail = _("Trop de codes faux : patientez avant un nouvel essai.")


class Blocked(ProblemError):
    """Too many wrong PINs, for good."""

    code = "blocked"
    status = 423
    detail = _("Trop de codes faux : cette e-CPS est bloquée, activez-en une nouvelle.")


class BodyTooLarge(ProblemError):
    """The body exceeds the protocol's bound."""

    code = "body_too_large"
    status = 413
    detail = _("La demande est trop grande.")


class MediaTypeRefused(ProblemError):
    """The body is not announced as `application/jose`."""

    code = "media_type_refused"
    status = 415
    detail = _("La demande doit être de type application/jose.")


class PushAddressRefused(ProblemError):
    """The push endpoint is not one of a push service that the operator allows (decision 27)."""

    code = "push_address_refused"
    status = 400
    detail = _("Cette adresse de notification n’est pas admise.")


def handle_problems(bp: Blueprint) -> None:
    """Let a blueprint of the phone's protocol answer with problems."""
    bp.register_error_handler(ProblemError, _respond)
    bp.register_error_handler(RequestEntityTooLarge, lambda _error: _respond(BodyTooLarge()))


def numeric_date(instant: datetime) -> int:
    """Whole seconds UTC, as every time in the protocol."""
    return int(instant.timestamp())


def _respond(error: ProblemError) -> Response:
    return problem_response(error.body())
