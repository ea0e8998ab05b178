"""What a page holds that a browser acts on: its name, its forms, its links, what it tells."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_UNSEEN = {"script", "style", "head", "title", "noscript"}
_VOID = {"input", "meta", "link", "br", "img", "hr", "wbr", "source", "area", "base", "col"}


@dataclass
class Form:
    """One form, with the values that it would send."""

    action: str
    method: str
    element_id: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    """Hidden and text fields, and what is checked."""
    choices: dict[str, list[str]] = field(default_factory=dict)
    """Values of the radio buttons, by their name."""
    buttons: list[tuple[str, str]] = field(default_factory=list)
    """Name and value of each named button."""

    def has(self, name: str) -> bool:
        """Whether it has such a field, choice or button."""
        buttons = [button for button, _ in self.buttons]
        return name in self.fields or name in self.choices or name in buttons


@dataclass
class HtmlPage:
    """A page as far as a person or a script looks at it."""

    template: str = ""
    """`data-page` of its body: which page of the provider it is (docs/pages.md)."""
    heading: str = ""
    forms: list[Form] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    """Text of each element that has an id."""
    data: dict[str, dict[str, str]] = field(default_factory=dict)
    """The `data-…` attributes of each element that has an id."""
    alerts: list[str] = field(default_factory=list)
    """What it tells by `role="alert"` or `role="status"`, in order."""

    def form_to(self, ending: str) -> Form | None:
        """The first form whose action's path ends so."""
        return next((f for f in self.forms if f.action.partition("?")[0].endswith(ending)), None)


def read_page(text: str) -> HtmlPage:
    """Read a page; whatever is not HTML gives an empty one."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.page


@dataclass
class _Open:
    tag: str
    texts: list[list[str]]
    """Where its text goes besides the elements around it."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = HtmlPage()
        self._stack: list[_Open] = []
        self._collected: list[tuple[str, str, list[str]]] = []
        self._form: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "body":
            self.page.template = given.get("data-page", "")
        if tag == "form":
            self._begin_form(given)
        if tag in {"input", "button"} and self._form is not None:
            self._add_control(self._form, tag, given)
        if element_id := given.get("id"):
            told = {n.removeprefix("data-"): v for n, v in given.items() if n.startswith("data-")}
            self.page.data[element_id] = told
        if tag not in _VOID:
            self._stack.append(_Open(tag, self._texts_of(tag, given)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if not any(opened.tag == tag for opened in self._stack):
            return
        while self._stack.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        if any(opened.tag in _UNSEEN for opened in self._stack):
            return
        for opened in self._stack:
            for texts in opened.texts:
                texts.append(data)

    def close(self) -> None:
        super().close()
        for kind, name, texts in self._collected:
            text = " ".join("".join(texts).split())
            if kind == "id":
                self.page.texts.setdefault(name, text)
            elif kind == "alert" and text:
                self.page.alerts.append(text)
            elif kind == "heading" and not self.page.heading:
                self.page.heading = text

    def _texts_of(self, tag: str, given: dict[str, str]) -> list[list[str]]:
        wanted = [("id", given["id"])] if given.get("id") else []
        wanted += [("alert", "")] if given.get("role") in {"alert", "status"} else []
        wanted += [("heading", "")] if tag == "h1" else []
        texts: list[list[str]] = [[] for _ in wanted]
        self._collected += [(*what, text) for what, text in zip(wanted, texts, strict=True)]
        return texts

    def _begin_form(self, given: dict[str, str]) -> None:
        method = given.get("method", "get").upper()
        self._form = Form(given.get("action", ""), method, given.get("id", ""))
        self.page.forms.append(self._form)

    def _add_control(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        kind = given.get("type", "text" if tag == "input" else "submit")
        if not name or "disabled" in given:
            return
        if kind == "submit":
            form.buttons.append((name, value))
        elif kind == "radio":
            form.choices.setdefault(name, []).append(value)
            if "checked" in given:
                form.fields[name] = value
        elif kind == "checkbox":
            if "checked" in given:
                form.fields[name] = value or "on"
        else:
            form.fields[name] = value
