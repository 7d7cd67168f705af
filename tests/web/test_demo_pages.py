"""Every page of the demo in a real browser: for everyone to read, without fault, wide and small, in both languages."""

import io
import zipfile
from collections.abc import Iterator

import pikepdf
import pytest
from playwright.sync_api import Browser

from tests.demo_scheme import RunningDemo, running_demo
from tests.interop.web_validators import html_errors
from tests.unit.checking.exercise_documents import good_document
from tests.web.demo_tour import SMALL, PageJudged, Tour, new_page, send_file, walk_check_page, walk_public_pages, walk_source

_VISITS = {
    "nl": (
        ("/duo", "samira"),
        ("/uwv", "lukasz"),
        ("/cak", "anneke"),
        ("/denhaag", "samira"),
        ("/denhaag", "hendrik"),
        ("/denhaag", "milan"),
        ("/dichtbij", "wolfeschlegel"),
    ),
    "en": (("/duo", "samira"), ("/uwv", "willem"), ("/denhaag", "fatma")),
}
_TOO_LARGE = 21 * 1024 * 1024
_UPLOADS_AN_HOUR = 20

pytestmark = pytest.mark.suite("chromium")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    with running_demo(tmp_path_factory.mktemp("demo") / "scheme") as running:
        yield running


@pytest.fixture(scope="module")
def judged(demo: RunningDemo, chromium: Browser) -> list[PageJudged]:
    """All pages in Dutch, and the main ones in English; at the end too many uploads."""
    found: list[PageJudged] = []
    for language, visits in _VISITS.items():
        with new_page(chromium, language=language) as page:
            tour = Tour(demo.base_url, page, "en" if language == "en" else "nl", found)
            walk_public_pages(tour)
            downloads = [walk_source(tour, path, person, every_page=path == "/duo") for path, person in visits]
            document = next(pdf for content in downloads if content for pdf in _documents(content))
            walk_check_page(tour, _files(document, faults=language == "nl"))
    with new_page(chromium) as page:
        tour = Tour(demo.base_url, page, "nl", found)
        for _ in range(_UPLOADS_AN_HOUR):
            send_file(page, demo.base_url, b"no document")
        tour.stop("te vaak")
    return found


def test_the_walk_meets_every_kind_of_page(judged: list[PageJudged]) -> None:
    statuses = {page.status for page in judged}
    verdicts = {colour for page in judged for colour in ("green", "orange", "red") if f'class="verdict {colour}"' in page.html}
    assert statuses >= {200, 400, 401, 403, 404, 413, 422, 429}
    assert verdicts == {"green", "orange", "red"}


def test_axe_finds_no_violation(judged: list[PageJudged]) -> None:
    assert {page.name: page.violations for page in judged if page.violations} == {}


@pytest.mark.suite("vnu")
def test_the_html_checker_finds_no_error(judged: list[PageJudged]) -> None:
    assert {name: errors for name, errors in html_errors({page.name: page.html for page in judged}).items() if errors} == {}


def test_the_browser_complains_about_nothing(judged: list[PageJudged]) -> None:
    assert {page.name: page.complaints for page in judged if page.complaints} == {}


def test_nothing_sticks_out_at_320_pixels(judged: list[PageJudged]) -> None:
    assert {page.name: page.widest for page in judged if page.widest > SMALL} == {}


def test_no_page_shows_what_only_programmers_understand(judged: list[PageJudged]) -> None:
    signs = ("Traceback", "Error(", "Exception", "None<", ">None", "undefined", "{{", "issuer.", "verifier.", "demo.")
    shown = {page.name: [sign for sign in signs if sign in page.html.partition("<main")[2].partition("</main>")[0]] for page in judged}
    assert {name: found for name, found in shown.items() if found and not name.startswith("stijl")} == {}


def test_every_page_says_its_language(judged: list[PageJudged]) -> None:
    assert [page.name for page in judged if f'<html lang="{page.name[-3:-1]}">' not in page.html] == []


def _documents(content: bytes) -> Iterator[bytes]:
    """The PDFs of a download: itself, or those in the ZIP."""
    if content.startswith(b"%PDF-"):
        yield content
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        yield from (archive.read(name) for name in archive.namelist() if name.endswith(".pdf"))


def _files(document: bytes, *, faults: bool) -> dict[str, bytes]:
    """What to offer to the check page, by what it is."""
    files = {"groen": document, "oranje": good_document(), "rood": document.replace(b"/Title", b"/Titel", 1) + b"\n"}
    if faults:
        files |= {"leeg": b"", "geen pdf": b"hello", "versleuteld": _encrypted(), "te groot": b"%PDF-1.7\n" + b" " * _TOO_LARGE}
    return files


def _encrypted() -> bytes:
    target = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(target, encryption=pikepdf.Encryption(owner="owner", user="user"))
    return target.getvalue()
