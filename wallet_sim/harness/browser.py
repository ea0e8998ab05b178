"""A browser without a screen: it follows redirects, fills forms, and remembers what it saw."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from wallet_sim.harness.errors import HarnessError
from wallet_sim.harness.html import Form, HtmlPage, read_page
from wallet_sim.harness.sites import Answer, Headers, Site, Web, is_address, origin_of
from wallet_sim.harness.story import Step, told

_MOST_REDIRECTS = 30
_SEE_OTHER = {301, 302, 303}
_ACCEPT = "text/html,application/xhtml+xml,*/*;q=0.8"


class TooManyRedirects(HarnessError):
    """The service and the provider send the browser round in circles."""


class AddressUnusable(HarnessError):
    """An address was typed, or came in a redirect, that is none of a page."""


class Browser:
    """One browser; a new one knows nobody.

    Args:
        provider: address of the provider.
        web: how HTTP leaves.
        service: a service that does not listen: it gets every request that is not the provider's.
        language: what the browser asks pages for.
    """

    def __init__(
        self, provider: str, web: Web, service: Site | None = None, *, language: str = "fr"
    ) -> None:
        self._provider = origin_of(provider)
        self._web = web
        self._service = service
        self._language = language
        self.steps: list[Step] = []
        self.service_cookies: dict[str, str] = {}
        """Cookies that were set outside the provider, by name."""
        self.answered: dict[str, str] = {}
        """Parameters of the last authorization response that it carried to a service."""

    def beside_service(self, service: Site | None) -> "Browser":
        """The same browser, cookies and all, before another service."""
        return Browser(self._provider, self._web, service, language=self._language)

    def is_provider(self, url: str) -> bool:
        """Whether an address is the provider's."""
        return origin_of(url) == self._provider

    def absolute(self, url: str) -> str:
        """An address of the service, whose host may be left out where it is a test client."""
        if "://" in url:
            return url
        if self._service is None or not self._service.base_url:
            raise HarnessError(f"{url!r} is no whole address: begin it with http:// or https://")
        return urljoin(self._service.base_url + "/", url)

    def open(self, url: str) -> Answer:
        """Type an address; redirects are followed, whoever they lead to.

        Raises:
            ServiceUnreachable: nobody answered.
            AddressUnusable: it leads nowhere over HTTP, or a redirect does.
            TooManyRedirects: with the whole way.
        """
        return self._follow("GET", self.absolute(url), None, {})

    def submit(
        self, answer: Answer, form: Form, values: Mapping[str, str], *, button: str = ""
    ) -> Answer:
        """Send a form of a page, with what is typed and chosen in it.

        Args:
            answer: the page.
            form: one of its forms.
            values: what is typed, over what the form holds.
            button: the named button that is pressed, `name=value`; else one without a name.
        """
        fields = {**form.fields, **values}
        if button:
            name, _, value = button.partition("=")
            fields[name] = value
        action = urljoin(answer.url, form.action)
        return self._follow(form.method, action, fields, _from_page(answer))

    def where_leads(self, answer: Answer, form: Form) -> str:
        """Send a form as it is, and tell where the browser would go on; it stays."""
        sent = self._send(
            form.method, urljoin(answer.url, form.action), form.fields, _from_page(answer)
        )
        self._note(sent)
        return sent.location

    def beside(self, answer: Answer, address: str) -> str:
        """An address that a page names, as seen from that page."""
        return urljoin(answer.url, address)

    def look(self, url: str) -> Answer:
        """What a page's script asks beside the page: one request, no redirect, no story."""
        return self._send("GET", url, None, {"Accept": "application/json"})

    def _follow(
        self, method: str, url: str, form: Mapping[str, str] | None, headers: Headers
    ) -> Answer:
        for _ in range(_MOST_REDIRECTS):
            self._require_usable(url)
            self._note_response(url, form)
            answer = self._send(method, url, form, {"Accept": _ACCEPT, **headers})
            self._note(answer)
            if not answer.location:
                return answer
            # A redirect without a fragment keeps the one before; a server never sees it.
            url = _joined(url, answer.location)
            if answer.status in _SEE_OTHER:
                method, form, headers = "GET", None, {}
        raise TooManyRedirects(f"the browser was sent round in circles:\n{told(self.steps[-8:])}")

    def _require_usable(self, url: str) -> None:
        if not is_address(url):
            way = f", to which this led:\n{told(self.steps[-8:])}" if self.steps else ""
            raise AddressUnusable(f"{url!r} is no address of a page over HTTP{way}")

    def _send(
        self, method: str, url: str, form: Mapping[str, str] | None, headers: Headers
    ) -> Answer:
        site = self._web if self._service is None or self.is_provider(url) else self._service
        return site.send(method, url, form, {"Accept-Language": self._language, **headers})

    def _note(self, answer: Answer) -> None:
        page = read_page(answer.text) if self.is_provider(answer.url) else HtmlPage()
        self.steps.append(
            Step(
                answer.method,
                answer.url,
                answer.status,
                answer.location and _joined(answer.url, answer.location),
                page.template.removeprefix("idp/"),
                " ".join(page.alerts),
            )
        )
        if not self.is_provider(answer.url):
            for header in answer.set_cookies:
                self._keep_cookie(header)

    def _keep_cookie(self, header: str) -> None:
        pair, _, attributes = header.partition(";")
        name, _, value = pair.strip().partition("=")
        flat = attributes.lower().replace(" ", "")
        if "max-age=0" in flat or "01jan1970" in flat:
            self.service_cookies.pop(name, None)
        else:
            self.service_cookies[name] = value

    def _note_response(self, url: str, form: Mapping[str, str] | None) -> None:
        if self.is_provider(url):
            return
        carried = dict(form) if form is not None else dict(parse_qsl(urlsplit(url).query))
        if "state" in carried or "code" in carried or "error" in carried:
            self.answered = carried


def _joined(url: str, location: str) -> str:
    try:
        return urldefrag(urljoin(url, location)).url
    except ValueError:
        return location  # malformed: refused where it would be opened


def _from_page(answer: Answer) -> Headers:
    return {"Origin": origin_of(answer.url), "Referer": answer.url}
