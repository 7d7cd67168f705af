"""A small browser without script, for the scripted journeys: it follows links and redirects, fills in forms, and keeps cookies.

Plays what a person does, over real HTTP, and meets the same pages; it knows nothing of the inside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["Browser", "Form", "JourneyStuck", "PageSeen"]

_MOST_REDIRECTS = 12


class JourneyStuck(BlauweKnopError):
    """A page is not what the journey expects; names the page, never what stands on it."""


@dataclass(slots=True)
class Form:
    """A form as the page offers it: hidden fields and what is ticked already; `choices` are all values of boxes and radio buttons."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    choices: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, values: Mapping[str, list[str]]) -> list[tuple[str, str]]:
        """The fields to send; `values` replace whatever the page had for those names."""
        kept = [(name, value) for name, value in self.fields if name not in values]
        return kept + [(name, value) for name, given in values.items() for value in given]


@dataclass(frozen=True, slots=True)
class PageSeen:
    """A page, or a file that came instead."""

    address: str
    status: int
    content_type: str
    body: bytes = field(repr=False)
    forms: tuple[Form, ...]
    links: tuple[str, ...]

    def form_to(self, ending: str) -> Form:
        """The form whose address ends so.

        Raises:
            JourneyStuck: the page has none.
        """
        for form in self.forms:
            if form.action.split("?")[0].endswith(ending):
                return form
        raise JourneyStuck(f"the page {_place(self.address)} (status {self.status}) has no form to {ending}")

    def link_to(self, ending: str) -> str:
        """The first link whose address ends so.

        Raises:
            JourneyStuck: the page has none.
        """
        for link in self.links:
            if link.split("?")[0].endswith(ending):
                return link
        raise JourneyStuck(f"the page {_place(self.address)} (status {self.status}) has no link to {ending}")


class Browser:
    """One visitor."""

    def __init__(self, base_url: str, *, timeout_seconds: float = 30.0) -> None:
        self._base = base_url
        self._client = httpx.Client(timeout=timeout_seconds, follow_redirects=False, headers={"Accept-Language": "nl"})

    def open(self, address: str) -> PageSeen:
        """Go to an address of the scheme, following redirects."""
        return self._follow(self._client.get(urljoin(self._base, address)))

    def submit(self, page: PageSeen, form: Form, values: Mapping[str, list[str]] | None = None) -> PageSeen:
        """Send a form of a page."""
        data: dict[str, list[str]] = {}
        for name, value in form.filled(values or {}):
            data.setdefault(name, []).append(value)
        address = urljoin(page.address, form.action)
        if form.method == "get":
            return self._follow(self._client.get(address, params=data))
        return self._follow(self._client.post(address, data=data, headers={"Sec-Fetch-Site": "same-origin"}))

    def close(self) -> None:
        self._client.close()

    def _follow(self, answer: httpx.Response) -> PageSeen:
        for _ in range(_MOST_REDIRECTS):
            on = _onward(answer)
            if on is None:
                return _read(answer)
            answer = self._client.get(urljoin(str(answer.url), on))
        raise JourneyStuck("the pages keep sending the browser on")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._form: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(values.get("action", ""), values.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif self._form is not None and tag in ("input", "button"):
            self._take_field(self._form, tag, values, ticked="checked" in values, off="disabled" in values)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    @staticmethod
    def _take_field(form: Form, tag: str, values: Mapping[str, str], *, ticked: bool, off: bool) -> None:
        name, value, kind = values.get("name", ""), values.get("value", ""), values.get("type", "text" if tag == "input" else "submit")
        if not name or off:
            return
        if tag == "button" or kind == "submit":
            form.buttons.append((name, value))
        elif kind in ("checkbox", "radio"):
            form.choices.append((name, value))
            if ticked:
                form.fields.append((name, value))
        elif kind != "file":
            form.fields.append((name, value))


def _onward(answer: httpx.Response) -> str | None:
    """Where an answer sends the browser at once."""
    if answer.status_code in (301, 302, 303, 307):
        return answer.headers["location"]
    wait, _, address = answer.headers.get("refresh", "").partition("; url=")
    return address if wait == "0" and address else None


def _read(answer: httpx.Response) -> PageSeen:
    kind = answer.headers.get("content-type", "").split(";")[0]
    reader = _Reader()
    if kind == "text/html":
        reader.feed(answer.text)
    return PageSeen(str(answer.url), answer.status_code, kind, answer.content, tuple(reader.forms), tuple(reader.links))


def _place(address: str) -> str:
    """The path of an address: what follows may be a reference."""
    return httpx.URL(address).path
