"""A walk past all pages of the demo in a real browser; at each stop the page is judged as it stands, wide and small, light and dark.

With BLAUWEKNOP_SCREENSHOTS set to a folder, each stop leaves pictures there, to be looked at by people.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, ConsoleMessage, FilePayload, Page, Response

from tests.interop.web_validators import axe_violations
from tests.suites import CHROMIUM_PATIENCE

__all__ = ["SMALL", "WIDE", "PageJudged", "Tour", "log_in", "new_page", "send_file", "walk_check_page", "walk_public_pages", "walk_source"]

WIDE, SMALL = 1100, 320
_HEIGHT = 900


@dataclass(frozen=True, slots=True)
class PageJudged:
    """What was found about one page in one language."""

    name: str
    status: int
    html: str = field(repr=False)
    violations: tuple[str, ...]
    """What axe finds, with width and colours."""
    complaints: tuple[str, ...]
    """What the browser wrote on its console, such as a refusal by the content security policy."""
    widest: int
    """How wide the page is, in pixels, when the window is SMALL."""


@dataclass(slots=True)
class Tour:
    """One visitor with one language, and what was found so far."""

    base_url: str
    page: Page
    language: Literal["nl", "en"]
    judged: list[PageJudged] = field(default_factory=list)
    _complaints: list[str] = field(default_factory=list)
    _document: list[Response] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self._hear(message))
        self.page.on("pageerror", lambda error: self._complaints.append(str(error)))
        self.page.on("response", lambda response: self._keep(response))

    def go(self, path: str, name: str = "") -> None:
        """Open an address of the demo; with a name the page is judged."""
        self.page.goto(self.base_url + path)
        if name:
            self.stop(name)

    def stop(self, name: str) -> None:
        """Judge the page that is there now."""
        self.page.wait_for_load_state("load")
        violations: list[str] = []
        widest = 0
        for width, colours in ((WIDE, "light"), (SMALL, "dark"), (SMALL, "light")):
            self._show(width, colours)
            if (width, colours) != (SMALL, "light"):
                violations += [f"{width} {colours}: {found}" for found in axe_violations(self.page)]
            else:
                widest = int(self.page.evaluate("document.documentElement.scrollWidth"))
            self._picture(name, f"{width}-{colours}")
        self._show(WIDE, "light")
        self._picture_of_print(name)
        document = self._document[-1]
        self.judged.append(
            PageJudged(f"{name} ({self.language})", document.status, document.text(), tuple(violations), tuple(self._complaints), widest)
        )
        self._complaints.clear()

    def forget_complaints(self) -> None:
        """Of what happened on another site."""
        self._complaints.clear()

    def _show(self, width: int, colours: str) -> None:
        self.page.set_viewport_size({"width": width, "height": _HEIGHT})
        self.page.emulate_media(color_scheme="dark" if colours == "dark" else "light")

    def _hear(self, message: ConsoleMessage) -> None:
        asked_for = message.text.startswith("Failed to load resource: the server responded with a status of 4")  # an error page
        if message.type in ("error", "warning") and not asked_for:
            self._complaints.append(message.text)

    def _keep(self, response: Response) -> None:
        request = response.request
        if request.is_navigation_request() and request.frame == self.page.main_frame and not 300 <= response.status < 400:
            self._document.append(response)

    def _picture(self, name: str, kind: str) -> None:
        folder = os.environ.get("BLAUWEKNOP_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            path = Path(folder) / f"{name.replace(' ', '-')}-{self.language}-{kind}.png"
            self.page.screenshot(path=path, full_page=True)

    def _picture_of_print(self, name: str) -> None:
        if os.environ.get("BLAUWEKNOP_SCREENSHOTS"):
            self.page.emulate_media(media="print")
            self._picture(name, "print")
            self.page.emulate_media(media="screen")


@contextmanager
def new_page(browser: Browser, *, language: str = "nl", script: bool = True, width: int = WIDE) -> Iterator[Page]:
    """A visitor of their own, without cookies."""
    locale = {"nl": "nl-NL", "en": "en-GB"}[language]
    context = browser.new_context(
        viewport={"width": width, "height": _HEIGHT},
        locale=locale,
        java_script_enabled=script,
        reduced_motion="reduce",  # so that colours are judged as they will be, not on their way there
    )
    page = context.new_page()
    page.set_default_timeout(CHROMIUM_PATIENCE)
    yield page
    context.close()


def walk_public_pages(tour: Tour) -> None:
    """Everything that needs no login, and the pages that say something went wrong."""
    tour.go("/", "start")
    for path, name in {
        "/stijl": "stijl",
        "/wat-is-dit": "wat is dit",
        "/hulp": "hulp",
        "/toegankelijkheid": "toegankelijkheid",
        "/register/schemas": "schemas",
        "/digid/": "oefenlogin",
        "/digid/inloggen?request_uri=urn:weg&client_id=x": "oefenlogin verlopen",
        "/nergens": "niet gevonden",
        "/duo/nergens": "niet gevonden bij een bron",
        "/duo/klopt-niet": "klopt niet",
        "/mijn/": "mijn begin",
        "/mijn/nergens": "niet gevonden in mijn",
        "/duo/kiezen": "niet ingelogd",
        "/duo/terug?error=access_denied&state=onbekend": "inloggen niet gelukt",
    }.items():
        tour.go(path, name)


def walk_source(tour: Tour, path: str, person: str, *, every_page: bool) -> bytes | None:
    """Journey J1 at one source; gives what was downloaded, if there was something. With `every_page` also the wrong turns."""
    page, source = tour.page, path.strip("/")
    tour.go(f"{path}/", f"aanbod {source}")
    page.locator(f'main a[href^="{path}/inloggen"]').first.click()
    if every_page:
        tour.stop(f"inloggen {source}")
        page.locator('button[value="go"]').click()
        tour.stop("inloggen zonder persoon")
        page.locator('button[value="cancel"]').click()
        tour.stop("inloggen afgebroken")
        tour.go(f"{path}/inloggen")
    log_in(page, person)
    tour.stop(f"kiezen {source}")
    if every_page:
        for box in page.locator('input[name="dataset"]:checked').all():
            box.uncheck()
        page.locator(f'form[action="{path}/kiezen"] button').last.click()
        tour.stop("niets gekozen")
    for box in page.locator('input[name="dataset"]').all():
        box.check()
    page.locator(f'form[action="{path}/kiezen"] button').last.click()
    tour.stop(f"bekijken {source} {person}")
    downloaded = _downloaded(page, path)
    if every_page:
        tour.go(f"{path}/klaar", "klaar")
    else:
        tour.go(f"{path}/klaar")
    page.locator(f'form[action="{path}/uitloggen"] button').first.click()
    page.wait_for_url(f"**{path}/uitgelogd*")
    if every_page:
        tour.stop("uitgelogd")
    return downloaded


def log_in(page: Page, person: str, *, then: str = "**/kiezen*") -> None:
    """Pick a person at the exercise login, unfolding the list when needed."""
    choice = page.locator(f'input[name="person"][value="{person}"]')
    if not choice.is_visible():
        page.locator("main details summary").first.click()
    choice.check()
    page.locator('input[name="level"][value="substantial"]').check()
    page.locator('button[value="go"]').click()
    page.wait_for_url(then)


def walk_check_page(tour: Tour, files: Mapping[str, bytes]) -> None:
    """Offer each file to the check page; the names say what each is."""
    tour.go("/controle", "controle")
    tour.page.evaluate("document.querySelector('main form').noValidate = true")
    tour.page.locator("main form button").last.click()
    tour.stop("controle zonder bestand")
    for name, content in files.items():
        send_file(tour.page, tour.base_url, content)
        tour.stop(f"controle {name}")


def send_file(page: Page, base_url: str, content: bytes) -> None:
    """Choose a file and send it."""
    page.goto(f"{base_url}/controle")
    payload: FilePayload = {"name": "document.pdf", "mimeType": "application/pdf", "buffer": content}
    page.locator('input[type="file"]').set_input_files(payload)
    page.locator("main form button").last.click()
    page.wait_for_load_state("load")


def _downloaded(page: Page, path: str) -> bytes | None:
    button = page.locator(f'form[action="{path}/download"] button')
    if button.count() == 0:
        return None
    with page.expect_download() as waiting:
        button.first.click()
    return Path(waiting.value.path()).read_bytes()
