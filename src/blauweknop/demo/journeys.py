"""The scripted journeys of `blauweknop demo --once`: J1 for five people at all five sources, over real HTTP and the real login."""

import io
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from blauweknop.demo.browser import Browser, Form, JourneyStuck, PageSeen

__all__ = ["Clocked", "Step", "play_download"]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the report. `person` is a number: the report holds no names."""

    journey: str
    person: int
    source: str
    step: str
    outcome: str  # ok, or what went wrong
    milliseconds: int

    def as_json(self) -> dict[str, str | int]:
        return {
            "journey": self.journey,
            "person": self.person,
            "source": self.source,
            "step": self.step,
            "outcome": self.outcome,
            "milliseconds": self.milliseconds,
        }


@dataclass(slots=True)
class Clocked:
    """Times the steps of one journey and stops at the first that fails."""

    journey: str
    number: int
    source: str
    steps: list[Step] = field(default_factory=list)
    failed: bool = False

    def do(self, name: str, action: Callable[[], PageSeen]) -> PageSeen | None:
        if self.failed:
            return None
        started = time.perf_counter()
        page: PageSeen | None = None
        outcome = "ok"
        try:
            page = action()
            if page.status >= 400:
                outcome = f"status {page.status}"
        except JourneyStuck as stuck:
            outcome = str(stuck)
        except httpx.HTTPError as error:
            outcome = f"no answer ({type(error).__name__})"
        self.failed = outcome != "ok"
        self.steps.append(Step(self.journey, self.number, self.source, name, outcome, round((time.perf_counter() - started) * 1000)))
        return None if self.failed else page


def play_download(base_url: str, source_path: str, person_id: str, *, number: int, documents: Path) -> list[Step]:
    """Journey J1 of one person at one source: everything there is, as a person without script would; writes the PDFs to `documents`.

    A source that has nothing on this person is a good outcome too, as long as the page says so.
    """
    clocked = Clocked("J1", number, source_path.strip("/"))
    browser = Browser(base_url)
    try:
        _walk(clocked, browser, source_path, person_id, documents)
    finally:
        browser.close()
    return clocked.steps


def _walk(clocked: Clocked, browser: Browser, path: str, person_id: str, documents: Path) -> None:
    offer = clocked.do("offer", lambda: browser.open(f"{path}/"))
    if offer is None:
        return
    login = clocked.do("login page", lambda: browser.open(offer.link_to("/inloggen")))
    if login is None:
        return
    answers = {"person": [person_id], "level": ["substantial"], "answer": ["go"]}
    choices = clocked.do("log in", lambda: browser.submit(login, login.form_to("/inloggen"), answers))
    if choices is None:
        return
    preview = clocked.do("choose", lambda: browser.submit(choices, choices.form_to("/kiezen"), _everything(choices.form_to("/kiezen"))))
    if preview is None:
        return
    if any(form.action.endswith("/download") for form in preview.forms):
        file = clocked.do("download", lambda: _file(browser.submit(preview, preview.form_to("/download"))))
        if file is not None:
            _keep(file, documents, clocked.number)
    else:
        clocked.do("nothing to download", lambda: preview)
    clocked.do("log out", lambda: browser.submit(preview, preview.form_to("/uitloggen")))


def _everything(form: Form) -> dict[str, list[str]]:
    """Tick every data set and the parts that the page proposes."""
    return {"dataset": [value for name, value in form.choices if name == "dataset"]}


def _file(page: PageSeen) -> PageSeen:
    if page.content_type not in ("application/pdf", "application/zip"):
        raise JourneyStuck(f"expected a document, and got {page.content_type or 'nothing'}")
    return page


def _keep(file: PageSeen, documents: Path, number: int) -> None:
    """Write the PDFs; names as the source gave them, with the number of the person before."""
    if file.content_type == "application/pdf":
        entries = {f"document-{len(list(documents.iterdir()))}.pdf": file.body}
    else:
        with zipfile.ZipFile(io.BytesIO(file.body)) as archive:
            entries = {name: archive.read(name) for name in archive.namelist() if name.endswith(".pdf")}
    for name, content in entries.items():
        (documents / f"persoon-{number}-{name}").write_bytes(content)
