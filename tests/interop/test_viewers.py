"""Four viewers show the same pages of a document of every data set, and its QR code says the same in each."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from blauweknop.cli.seal import seal_file
from tests.demo_scheme import PlayedDemo
from tests.interop.page_pictures import Difference, compare
from tests.interop.viewers import VIEWERS, Rendering, Viewer, codes_on, render
from tests.unit.document.pdf_samples import typeset

pytestmark = pytest.mark.suite("poppler", "mupdf", "chromium", "pdfjs")

IN_ENGLISH_TOO = ("duo.studieschuld", "uwv.verzekeringsbericht", "gem.brp")
LETTER = """
#set text(size: 10pt, number-width: "tabular")
= Uittreksel
Dit bedrag staat nog open. #box(move(dx: {aside}pt, dy: {down}pt)[Te betalen:]) € 1.23{digit},50
#table(columns: 2, table.header([Naam], [Bedrag]), [Bakker], [€ 10,00], {row})
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the viewers made of one document; the pictures themselves are too large to keep."""

    complaints: Mapping[Viewer, tuple[str, ...]]
    page_counts: Mapping[Viewer, int]
    differences: Mapping[Viewer, Difference]
    """Against MuPDF, which lies between the others."""
    codes: Mapping[Viewer, tuple[tuple[str, ...], ...]]
    """The QR codes of each page."""
    address: str
    """What the data inside say the QR code should be."""


@pytest.fixture(scope="module")
def seen(demo: PlayedDemo, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Seen]:
    folder = tmp_path_factory.mktemp("specimens")
    return {path.stem: look_at(path, chromium) for path in specimens(demo, folder)}


def specimens(demo: PlayedDemo, folder: Path) -> Iterator[Path]:
    """A document of each data set in Dutch, and some in English, sealed in the demo that was played."""
    for example in sorted((demo.folder / "examples").glob("*.json")):
        for language in ("nl", "en") if example.stem in IN_ENGLISH_TOO else ("nl",):
            data = folder / f"{example.stem}-{language}.json"
            data.write_text(json.dumps({**json.loads(example.read_text("utf-8")), "language": language}), "utf-8")
            path = data.with_suffix(".pdf")
            seal_file(data, example.stem, path, config=demo.folder / "blauweknop.toml", source=None)
            yield path


def look_at(path: Path, browser: Browser) -> Seen:
    drawn = {viewer: render(path, viewer, browser=browser) for viewer in VIEWERS}
    return Seen(
        complaints={viewer: rendering.complaints for viewer, rendering in drawn.items() if rendering.complaints},
        page_counts={viewer: len(rendering.pages) for viewer, rendering in drawn.items()},
        differences={viewer: nearly(rendering, drawn["mupdf"]) for viewer, rendering in drawn.items() if viewer != "mupdf"},
        codes={viewer: tuple(codes_on(page) for page in rendering.pages) for viewer, rendering in drawn.items()},
        address=address_inside(path),
    )


def nearly(one: Rendering, other: Rendering) -> Difference:
    """Letters of 10 points drawn by two viewers differ by 51 at most when measured so; a line that moved 3 points, by about 150."""
    return compare(one.pages, other.pages, blur=2, reach=1, above=60)


def address_inside(path: Path) -> str:
    saved = path.with_suffix(".gegevens.json")
    subprocess.run(["pdfdetach", "-savefile", "gegevens.json", "-o", str(saved), str(path)], check=True, timeout=60, capture_output=True)
    content = json.loads(saved.read_text("utf-8"))
    return f"{content['controle_url']}#{content['document_id']}"


def test_every_data_set_is_looked_at(seen: Mapping[str, Seen], demo: PlayedDemo) -> None:
    wanted = {f"{example.stem}-nl" for example in (demo.folder / "examples").glob("*.json")} | {f"{name}-en" for name in IN_ENGLISH_TOO}
    assert set(seen) == wanted


def test_no_viewer_complains(seen: Mapping[str, Seen]) -> None:
    assert {name: found.complaints for name, found in seen.items() if found.complaints} == {}


def test_all_viewers_show_the_same_number_of_pages(seen: Mapping[str, Seen]) -> None:
    assert {name: found.page_counts for name, found in seen.items() if len(set(found.page_counts.values())) != 1} == {}


def test_all_viewers_draw_nearly_the_same_picture(seen: Mapping[str, Seen]) -> None:
    different = {(name, viewer): found for name, document in seen.items() for viewer, found in document.differences.items() if found.areas}
    assert different == {}


def test_the_code_on_every_page_says_the_address_in_the_data(seen: Mapping[str, Seen]) -> None:
    wrong = {
        (name, viewer): codes
        for name, found in seen.items()
        for viewer, codes in found.codes.items()
        if codes != ((found.address,),) * found.page_counts[viewer]
    }
    assert wrong == {}


def drawn_letter(
    folder: Path, viewer: Viewer, *, digit: int = 4, aside: int = 0, down: int = 0, row: str = "[Visser], [€ 7,50]"
) -> Rendering:
    path = folder / "letter.pdf"
    path.write_bytes(typeset(LETTER.format(digit=digit, aside=aside, down=down, row=row)))
    return render(path, viewer)


def test_the_same_letter_in_two_viewers_is_nearly_the_same(tmp_path: Path) -> None:
    assert nearly(drawn_letter(tmp_path, "poppler"), drawn_letter(tmp_path, "pdfium")).areas == ()


@pytest.mark.parametrize(
    "change", [{"digit": 7}, {"digit": 1}, {"down": 3}, {"aside": 3}, {"row": ""}, {"row": "[Visser], []"}], ids=lambda change: str(change)
)
def test_a_changed_letter_in_another_viewer_is_noticed(tmp_path: Path, change: dict[str, int | str]) -> None:
    changed = drawn_letter(tmp_path, "pdfium", **change)  # type: ignore[arg-type]  # one keyword of the three at a time
    difference = nearly(drawn_letter(tmp_path, "poppler"), changed)
    assert difference.largest > 60
    assert difference.areas


@pytest.mark.parametrize("digit", [5, 6, 8, 9])
def test_one_viewer_shows_any_changed_digit(tmp_path: Path, digit: int) -> None:
    difference = compare(drawn_letter(tmp_path, "poppler").pages, drawn_letter(tmp_path, "poppler", digit=digit).pages)
    assert len(difference.areas) == 1


@pytest.mark.parametrize("viewer", VIEWERS)
def test_each_viewer_complains_of_a_broken_file(tmp_path: Path, chromium: Browser, viewer: Viewer) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"%PDF-1.7\nno PDF")
    rendering = render(path, viewer, browser=chromium)
    assert (rendering.pages, bool(rendering.complaints)) == ((), True)
