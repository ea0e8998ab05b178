"""Where the card reader's pages stand beside the phones'."""

from werkzeug.routing import Rule

from wallet_sim.card.pages import STYLE_ADDRESS, ReaderPages
from wallet_sim.card.reader import Reader
from wallet_sim.card.request_pages import REQUESTS_ADDRESS, SCRIPT_ADDRESS, RequestPages
from wallet_sim.door import READER_ADDRESS, Door
from wallet_sim.screen.pages import Pages


def reader_rules(reader: Reader, door: Door, pages: Pages) -> list[Rule]:
    """Addresses of the reader's pages."""
    shown, requests = ReaderPages(reader, door, pages), RequestPages(reader, door, pages)
    return [
        Rule(READER_ADDRESS, endpoint=shown.show, methods=["GET"]),
        Rule(STYLE_ADDRESS, endpoint=shown.style, methods=["GET"]),
        Rule(REQUESTS_ADDRESS, endpoint=requests.show, methods=["GET"]),
        Rule(REQUESTS_ADDRESS, endpoint=requests.answer, methods=["POST"]),
        Rule(SCRIPT_ADDRESS, endpoint=requests.script, methods=["GET"]),
        Rule(f"{READER_ADDRESS}/<action>", endpoint=shown.act, methods=["POST"]),
    ]
