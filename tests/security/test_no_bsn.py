"""A burgerservicenummer stays where it belongs, in a demo where people log in, choose, download and log out."""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx
import pikepdf
import pytest

from blauweknop.demo.browser import Browser, PageSeen
from blauweknop.demo.people import make_people
from blauweknop.document.page_text import page_text
from blauweknop.document.pdf_file import read_file
from blauweknop.domain.identifiers import eleven_test
from tests.demo_scheme import NO_BSN, RunningDemo, running_demo
from tests.security.bsn_scan import Finding, bsns_in, bsns_in_folder

_SOURCES = ("duo", "uwv", "cak", "denhaag", "dichtbij")
_WHO = "samira"
_BSN_OF_NOBODY = "123456782"


@dataclass(slots=True)
class Visit:
    """One person at one source, and all that went over the wire: nothing of it is left out."""

    addresses: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    pages: dict[str, bytes] = field(default_factory=dict, repr=False)
    download: bytes = field(default=b"", repr=False)

    @property
    def documents(self) -> dict[str, bytes]:
        """The PDFs that were downloaded, by name."""
        if self.download.startswith(b"%PDF-"):
            return {"download.pdf": self.download}
        with zipfile.ZipFile(io.BytesIO(self.download)) as archive:
            return {name: archive.read(name) for name in archive.namelist() if name.endswith(".pdf")}


@dataclass(frozen=True, slots=True)
class Walked:
    demo: RunningDemo
    without: dict[str, Visit]
    with_bsn: Visit


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    """One person at all sources without the number, and once with it; the demo is still there."""
    with running_demo(tmp_path_factory.mktemp("demo") / "scheme") as demo:
        without = {source: _visit(demo, source, with_bsn=False) for source in _SOURCES}
        yield Walked(demo, without, _visit(demo, "duo", with_bsn=True))


def test_the_person_of_this_test_has_a_number_that_the_scanner_knows(walked: Walked) -> None:
    assert eleven_test(_bsn())
    assert bsns_in_folder(walked.demo.folder / "sources") != ()


def test_no_address_holds_one(walked: Walked) -> None:
    assert _findings({address: address for visit in _visits(walked) for address in visit.addresses}) == {}


def test_no_header_holds_one(walked: Walked) -> None:
    assert _findings({header: header for visit in _visits(walked) for header in visit.headers}) == {}


def test_no_page_holds_one_when_nobody_asked_for_it(walked: Walked) -> None:
    pages = {f"{source} {place}": body for source, visit in walked.without.items() for place, body in visit.pages.items()}
    assert len(pages) >= 5 * len(_SOURCES)
    assert _findings(pages) == {}


def test_no_document_without_it_holds_one_in_any_layer(walked: Walked) -> None:
    downloads = {source: visit.download for source, visit in walked.without.items() if visit.download}
    assert len(downloads) >= 4
    assert _findings(downloads) == {}


def test_the_log_holds_none(walked: Walked) -> None:
    assert b'"route":"/duo/download"' in walked.demo.logged()
    assert bsns_in(walked.demo.logged()) == ()


@pytest.mark.parametrize("path", [f"/duo/{_BSN_OF_NOBODY}", f"/nergens?bsn={_BSN_OF_NOBODY}", f"/static/{_BSN_OF_NOBODY}.css"])
def test_a_number_that_somebody_puts_in_an_address_does_not_reach_the_log(walked: Walked, path: str) -> None:
    httpx.get(walked.demo.base_url + path, headers={"User-Agent": _BSN_OF_NOBODY, "Referer": f"https://x.example/{_BSN_OF_NOBODY}"})
    assert bsns_in(walked.demo.logged()) == ()


def test_an_error_page_does_not_repeat_a_number_from_the_form(walked: Walked) -> None:
    answer = httpx.post(f"{walked.demo.base_url}/duo/kiezen", data={"dataset": _BSN_OF_NOBODY, "bsn": _BSN_OF_NOBODY})
    assert answer.status_code >= 400
    assert bsns_in(answer.content) == ()


def test_nothing_the_program_keeps_holds_one_but_the_sources_themselves(walked: Walked) -> None:
    kept = [path for path in walked.demo.folder.iterdir() if path.name not in ("sources", "examples", "keys")]
    assert {"blauweknop.db"} <= {path.name for path in kept}
    assert _findings({path.name: path.read_bytes() for path in kept if path.is_file()}) == {}


def test_no_file_name_holds_one(walked: Walked) -> None:
    names = [str(path.relative_to(walked.demo.folder)) for path in walked.demo.folder.rglob("*")]
    assert _findings({name: name for name in names}) == {}


def test_with_the_number_it_stands_on_the_page_in_the_data_and_in_the_credential(walked: Walked) -> None:
    for pdf in walked.with_bsn.documents.values():
        content = json.loads(_attachment(pdf, "gegevens.json"))
        assert content["subject"]["bsn"] == _bsn()
        assert _bsn() in _words(pdf)
        assert {finding.digits for finding in bsns_in(_attachment(pdf, "gegevens.sd-jwt"))} == {_bsn()}


def test_with_the_number_it_is_in_no_metadata(walked: Walked) -> None:
    for pdf in walked.with_bsn.documents.values():
        with pikepdf.open(io.BytesIO(pdf)) as document:
            metadata = [
                document.Root.Metadata.read_bytes(),
                str(dict(document.docinfo)).encode(),
                str(document.trailer.get("/ID")).encode(),
            ]
            links = [str(note.A.URI) for page in document.pages for note in page.get("/Annots", []) if "/A" in note and "/URI" in note.A]
        assert _findings({str(place): part for place, part in enumerate(metadata)} | {link: link for link in links}) == {}


def test_with_the_number_it_is_in_no_name_of_a_file(walked: Walked) -> None:
    names = [header for header in walked.with_bsn.headers if header.startswith("content-disposition")]
    assert names != []
    assert _findings({name: name for name in [*names, *walked.with_bsn.documents]}) == {}


def test_with_the_number_only_the_preview_shows_it(walked: Walked) -> None:
    shown = {place for place, body in walked.with_bsn.pages.items() if bsns_in(body)}
    assert shown == {"preview"}


def _visits(walked: Walked) -> list[Visit]:
    return [*walked.without.values(), walked.with_bsn]


def _findings(things: dict[str, Any]) -> dict[str, tuple[Finding, ...]]:
    return {name: found for name, thing in things.items() if (found := bsns_in(thing, allowed=NO_BSN))}


def _bsn() -> str:
    return next(person.bsn.digits for person in make_people(36, 2026, date(2026, 11, 23)) if person.id == _WHO)


def _visit(demo: RunningDemo, source: str, *, with_bsn: bool) -> Visit:
    visit = Visit()
    browser = Browser(demo.base_url)
    browser._client.event_hooks = {
        "request": [lambda request: _note_request(visit, request)],
        "response": [lambda answer: _note_answer(visit, answer)],
    }
    try:
        _walk(visit, browser, f"/{source}", with_bsn=with_bsn)
    finally:
        browser.close()
    return visit


def _note_request(visit: Visit, request: httpx.Request) -> None:
    visit.addresses.append(str(request.url))
    visit.headers += [f"{name}: {value}" for name, value in request.headers.multi_items()]


def _note_answer(visit: Visit, answer: httpx.Response) -> None:
    visit.headers += [f"{name}: {value}" for name, value in answer.headers.multi_items()]


def _walk(visit: Visit, browser: Browser, path: str, *, with_bsn: bool) -> None:
    offer = _seen(visit, "offer", browser.open(f"{path}/"))
    login = _seen(visit, "login", browser.open(offer.link_to("/inloggen")))
    answers = {"person": [_WHO], "level": ["substantial"], "answer": ["go"]}
    choices = _seen(visit, "choices", browser.submit(login, login.form_to("/inloggen"), answers))
    form = choices.form_to("/kiezen")
    chosen = {"dataset": [value for name, value in form.choices if name == "dataset"], "bsn": ["with" if with_bsn else "without"]}
    preview = _seen(visit, "preview", browser.submit(choices, form, chosen))
    if any(one.action.endswith("/download") for one in preview.forms):
        visit.download = browser.submit(preview, preview.form_to("/download")).body
    _seen(visit, "logged out", browser.submit(preview, preview.form_to("/uitloggen")))


def _seen(visit: Visit, place: str, page: PageSeen) -> PageSeen:
    assert page.status == 200, f"{place}: status {page.status}"
    visit.pages[place] = page.body
    return page


def _attachment(pdf: bytes, name: str) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return document.attachments[name].get_file().read_bytes()


def _words(pdf: bytes) -> str:
    return "".join(page.content for page in page_text(read_file(pdf)))
