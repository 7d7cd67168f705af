"""Add what one has: a certified PDF is checked first, a paper of one's own is never mixed up with it."""

import re
from datetime import datetime

import pytest

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Verdict
from tests.unit.holder.collecting.collecting_site import CollectingSite, Visitor
from tests.unit.holder.collecting.collecting_world import CollectingWorld, orange, red
from tests.unit.holder.holder_world import HolderWorld, words
from tests.unit.issuer.source_world import DEBT

_PDF = b"%PDF-1.7 eigen papier"
_JPEG, _PNG = b"\xff\xd8\xff\xe0 foto", b"\x89PNG\r\n\x1a\n foto"


@pytest.fixture
def site(world: HolderWorld, here: CollectingWorld) -> CollectingSite:
    return CollectingSite(world, here)


@pytest.fixture
def anna(site: CollectingSite) -> Visitor:
    return site.visitor()


def link_in(page: str) -> str:
    """The name of the first own paper on a page."""
    found = re.search(r"/mijn/papieren/([0-9a-f]{32})", page)
    assert found is not None
    return found[1]


def certified(here: CollectingWorld) -> bytes:
    """A PDF as the source makes it."""
    made: list[bytes] = []
    whole = here.check

    def look(data: bytes, at: datetime) -> Verdict:
        made.append(data)
        return whole(data, at)

    here.check = look
    here.work(here.come_back(DEBT))
    here.check = whole
    return next(data for data in made if data.startswith(b"%PDF"))


def test_a_real_document_is_kept_and_the_same_once(anna: Visitor, here: CollectingWorld) -> None:
    pdf = certified(here)
    assert "Het document is echt. Het staat bij uw gegevens." in words(anna.upload("/toevoegen", pdf).text)
    assert "U had het al." in words(anna.upload("/toevoegen", pdf).text)


def test_the_log_says_what_was_added_once(anna: Visitor, here: CollectingWorld) -> None:
    pdf = certified(here)
    for _ in range(2):
        anna.upload("/toevoegen", pdf)
    anna.upload("/papieren", _PNG, titel="Huurcontract")
    log = words(anna.open("/rechten/logboek").text)
    assert log.count(f"Document toegevoegd: {DEBT.title.nl}, DUO") == 1
    assert "Eigen papier toegevoegd: Huurcontract" in log


def test_what_is_red_is_refused_with_the_reason(anna: Visitor, here: CollectingWorld) -> None:
    here.check = lambda *_: red("no_seal")
    answer = anna.upload("/toevoegen", _PDF)
    assert (answer.status_code, "Wij hebben het niet bewaard." in words(answer.text)) == (422, True)


def test_what_cannot_be_judged_now_is_not_kept(anna: Visitor, here: CollectingWorld) -> None:
    here.check = lambda *_: orange()
    assert "De controle kan nu niet zeggen of dit echt is." in words(anna.upload("/toevoegen", _PDF).text)


def test_a_check_that_fails_itself_keeps_nothing(anna: Visitor, here: CollectingWorld) -> None:
    def broken(*_: object) -> Verdict:
        raise BlauweKnopError("busy")

    here.check = broken
    assert "De controle kan nu niet zeggen of dit echt is." in words(anna.upload("/toevoegen", _PDF).text)


def test_without_a_check_documents_are_not_offered_and_none_is_kept(site: CollectingSite) -> None:
    site.can_check = False
    bert = site.visitor("Bert")
    assert "Hier kunnen wij nog niet controleren" in words(bert.open("/toevoegen").text)
    assert "De controle kan nu niet zeggen of dit echt is." in words(bert.upload("/toevoegen", _PDF).text)


@pytest.mark.parametrize("data", [_PDF, _JPEG, _PNG])
def test_an_own_paper_is_kept_as_not_certified(anna: Visitor, data: bytes) -> None:
    page = words(anna.upload("/papieren", data, titel="Huurcontract").text)
    assert "Huurcontract Niet gewaarmerkt" in page


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<html>", b"PK\x03\x04", b" %PDF-1.7", b"MZ"])
def test_another_kind_of_file_is_refused_by_its_contents(anna: Visitor, data: bytes) -> None:
    answer = anna.upload("/papieren", data, titel="Huurcontract")
    assert (answer.status_code, "Kies een pdf, of een foto als jpg of png." in words(answer.text)) == (422, True)


def test_a_paper_that_is_too_large_is_refused(anna: Visitor) -> None:
    answer = anna.upload("/papieren", _PDF + bytes(10 * 1024 * 1024), titel="Huurcontract")
    assert (answer.status_code, "te groot" in words(answer.text)) == (413, True)


@pytest.mark.parametrize("title", ["", " ", "x" * 81, "a\u202eb"])
def test_a_paper_needs_a_title_that_can_be_shown(anna: Visitor, title: str) -> None:
    assert "Vul in wat het is" in words(anna.upload("/papieren", _PDF, titel=title).text)


def test_a_paper_is_saved_and_never_opened_as_a_page(anna: Visitor) -> None:
    page = anna.upload("/papieren", _JPEG, titel="Foto").text
    link = link_in(page)
    answer = anna.open(f"/papieren/{link}")
    assert (answer.content, answer.headers["content-type"]) == (_JPEG, "image/jpeg")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"


def test_a_paper_of_somebody_else_is_not_there(anna: Visitor, site: CollectingSite) -> None:
    page = anna.upload("/papieren", _PDF, titel="Foto").text
    link = link_in(page)
    assert site.visitor("Bert").open(f"/papieren/{link}").status_code == 404


def test_a_paper_can_be_taken_away(anna: Visitor) -> None:
    page = anna.upload("/papieren", _PDF, titel="Foto").text
    link = link_in(page)
    anna.person.send(f"/papieren/{link}/weghalen")
    assert "Niet gewaarmerkt" not in words(anna.open("/toevoegen").text)


@pytest.mark.parametrize("path", ["/toevoegen", "/papieren"])
def test_a_form_that_is_not_ours_is_refused(anna: Visitor, path: str) -> None:
    assert anna.upload(path, _PDF, token="x" * 64, titel="Foto").status_code == 403


def test_without_a_file_the_page_says_so(anna: Visitor) -> None:
    assert "Kies eerst een bestand." in words(anna.upload("/toevoegen", _PDF, field="anders").text)
