"""The page where requests of software wait for the inserted card (docs/cards.md 8)."""

from http import HTTPStatus

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from wallet_sim.card.actions import decision_of
from wallet_sim.card.reader import Reader
from wallet_sim.card.words import explain, next_step
from wallet_sim.documents import Challenge
from wallet_sim.door import READER_ADDRESS, Door
from wallet_sim.errors import PhoneError
from wallet_sim.screen.pages import Pages

REQUESTS_ADDRESS = f"{READER_ADDRESS}/requests"
SCRIPT_ADDRESS = f"{REQUESTS_ADDRESS}.js"

_DONE = {
    "approved": "La carte a approuvé la demande : retournez au logiciel.",
    "refused": "La carte a refusé la demande.",
}


class RequestPages:
    """What a person sees of the requests, and answers.

    Args:
        reader: the reader.
        door: who may come in.
        pages: the screen that the reader shares with the phone.
    """

    def __init__(self, reader: Reader, door: Door, pages: Pages) -> None:
        self._reader = reader
        self._door = door
        self._pages = pages

    def show(self, request: Request) -> Response:
        """The requests that wait for the inserted card; the page looks for them again."""
        if not self._door.is_inside(request):
            return self._pages.entrance(request, REQUESTS_ADDRESS)
        done = _DONE.get(request.args.get("done", ""), "")
        return self._screen(request, HTTPStatus.OK, done=done)

    def answer(self, request: Request) -> Response:
        """Answer a request that was shown."""
        self._door.check_form(request)
        given = {name: value.strip() for name, value in request.form.items()}
        decision = decision_of(given.get("decision", ""))
        try:
            outcome = self._reader.answer(
                given.get("challenge_id", ""),
                decision,
                given.get("number") or None,
                code=given.get("code", ""),
            )
        except PhoneError as error:
            return self._screen(request, HTTPStatus.CONFLICT, refused=error)
        return redirect(f"{REQUESTS_ADDRESS}?done={outcome}", HTTPStatus.SEE_OTHER)

    def script(self, request: Request) -> Response:
        """What looks for requests without the page being loaded again."""
        del request
        return self._pages.static("requests.js", "text/javascript")

    def _screen(
        self,
        request: Request,
        status: HTTPStatus,
        *,
        done: str = "",
        refused: PhoneError | None = None,
    ) -> Response:
        waiting: list[Challenge] = []
        if self._reader.is_open:
            try:
                waiting = self._reader.waiting()
            except PhoneError as error:
                refused = refused or error
        language = self._pages.language(request)
        return self._pages.page(
            request,
            "requests.html",
            status,
            home=REQUESTS_ADDRESS,
            inserted=self._reader.inserted if self._reader.is_open else None,
            waiting=waiting,
            is_paused="pause" in request.args,
            done=done,
            refusal=explain(refused, language) if refused else "",
            next_step=next_step(refused, language) if refused else "",
        )
