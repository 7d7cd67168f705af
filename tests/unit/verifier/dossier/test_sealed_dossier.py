import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blauweknop.checking.check_received import check_received
from blauweknop.checking.report import explain
from blauweknop.checking.trust import NO_TRUST
from blauweknop.document.attachment import Attachment
from blauweknop.document.blocks import Letter, Rows, letter_text, without_space
from blauweknop.document.page_text import page_text
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_parts import EmbeddedFile, embedded_files
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import CheckedKind, Colour, OtherSeal
from blauweknop.verifier.dossier.dossier import OwnPaper
from blauweknop.verifier.dossier.exporting import dossier_json
from blauweknop.verifier.dossier.letter import compose_dossier_letter
from blauweknop.verifier.dossier.ports import Note
from blauweknop.verifier.dossier.sealed import DossierTooLarge
from blauweknop.verifier.staff.four_eyes import Guarded
from blauweknop.verifier.staff.people import Role, Staff
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x
from tests.unit.verifier.dossier.dossier_world import CJIB, Desk, DossierWorld, family, made_dossier, payments, piece, study_debt, wages
from tests.unit.verifier.dossier.sealed_dossiers import about, checked, of_wallet, rich, sealed, sealer, typesetter

PDF = b"%PDF-1.7 huurcontract \xff\x00"
PAPER = OwnPaper(1, "gegevens.json", "application/pdf", base64.b64encode(PDF).decode())
NOTE = Note(1, "Belt morgen om tien uur", x.NOW)


def inside(pdf: bytes) -> Mapping[str, EmbeddedFile]:
    return embedded_files(read_file(pdf))


def words(pdf: bytes) -> str:
    return without_space("".join(page.content for page in page_text(read_file(pdf))))


def test_the_check_knows_the_receiver_and_never_calls_its_dossier_a_document() -> None:
    found = checked(sealed(rich(family())))
    assert (found.colour, found.facts.kind) == (Colour.ORANGE, CheckedKind.OTHER_SEAL)
    assert found.facts.other_seal == OtherSeal(intact=True, known_through="authority")
    said = explain(found, "nl")
    assert said.title == "Echt zegel van OEFENING Gemeente Den Haag: een dossier, geen gewaarmerkt document"
    assert explain(found, "en").title == "A real seal of OEFENING Gemeente Den Haag: a dossier, no certified document"
    assert "controleer die hier een voor een" in said.reasons[0][1]


def test_a_dossier_of_nobody_we_know_is_told_so() -> None:
    found = checked(sealed(rich(family())), NO_TRUST)
    assert found.colour is Colour.ORANGE
    assert explain(found, "nl").title == "Een dossier, geen gewaarmerkt document, en wij weten niet zeker van wie het is"


def test_one_changed_byte_makes_a_dossier_red() -> None:
    pdf = bytearray(sealed(rich(family())))
    place = pdf.index(b"/Title")
    pdf[place + 9] ^= 1
    assert checked(bytes(pdf)).colour is Colour.RED


def test_each_piece_is_inside_as_it_came_and_can_be_checked_again() -> None:
    files = inside(sealed(rich(family())))
    assert sorted(files) == ["dossier.json", "stuk-2.sd-jwt", "stuk-4.sd-jwt"]
    of_document = check_received(files["stuk-4.sd-jwt"].content, trust=c.trust(), at=x.NOW, catalogue=x.catalogue())
    assert of_document.colour is Colour.GREEN
    of_summary = check_received(files["stuk-2.sd-jwt"].content, trust=c.trust(), at=x.NOW, catalogue=x.catalogue())
    assert {step.reason for step in of_summary.facts.steps} <= {"ok", "holder_not_asked"}


def test_the_dossier_is_inside_as_data() -> None:
    found = json.loads(inside(sealed(rich(family())))["dossier.json"].content)
    assert found["debts"]["total"] == 1266567
    assert not {"original", "came_as"} & found["pieces"][1].keys()


def test_own_papers_are_inside_only_by_choice_with_the_type_as_they_came() -> None:
    dossier = rich(family(), papers=(PAPER,))
    assert "eigen-papier-1.pdf" not in inside(sealed(dossier))
    pdf = sealed(dossier, with_papers=True)
    paper = inside(pdf)["eigen-papier-1.pdf"]
    assert (paper.content, paper.mime) == (PDF, "application/pdf")
    assert "gegevens.json(Nietgewaarmerkt)" in words(pdf)
    assert checked(pdf).colour is Colour.ORANGE


def test_notes_are_inside_only_by_choice_also_in_the_data() -> None:
    dossier = replace(rich(family()), notes=(NOTE,))
    without, with_notes = sealed(dossier), sealed(dossier, with_notes=True)
    assert "Beltmorgen" not in words(without)
    assert json.loads(inside(without)["dossier.json"].content)["notes"] == []
    assert "Beltmorgen" in words(with_notes)
    assert json.loads(inside(with_notes)["dossier.json"].content)["notes"][0]["text"] == NOTE.text


def test_a_piece_that_was_withdrawn_later_is_told_with_how_it_was_when_it_came() -> None:
    dossier = rich(family())
    withdrawn = replace(dossier.pieces[1], item=replace(dossier.pieces[1].item, colour=Colour.RED, reasons=("status_withdrawn",)))
    pages = words(sealed(replace(dossier, pieces=(dossier.pieces[0], withdrawn, *dossier.pieces[2:]))))
    assert "InordeOntvangen,teltnietmeer" in pages
    assert "ingetrokkennadatuhetontving" in pages


def test_the_same_dossier_gives_the_same_pages() -> None:
    def laid_out() -> bytes:
        letter = compose_dossier_letter(rich(family()), about(), "nl", printable=typesetter().printable)
        return typesetter().typeset(letter, accent="#0b4a8f", attachments=[], made_at=x.NOW)

    assert laid_out() == laid_out()


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_language_is_laid_out(language: str) -> None:
    assert checked(sealed(rich(family()), language=language)).colour is Colour.ORANGE


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=60), st.integers(-(2**53) + 1, 2**53 - 1))
def test_no_text_of_others_stops_the_letter_or_changes_what_it_is(text: str, cents: int) -> None:
    case: JsonValue = {"zaakkenmerk": text, "omschrijving": text, "saldo": cents}
    debt = piece("betalingen", family(), (CJIB[0], text), {"data": {"financiele_zaken": [case]}})
    dossier = replace(made_dossier(debt, papers=(replace(PAPER, title=text),)), notes=(replace(NOTE, text=text),))
    letter = compose_dossier_letter(dossier, about(reference=text, with_notes=True), "nl", printable=typesetter().printable)
    assert typesetter().printable(letter_text(letter)).split() == letter_text(letter).split()
    assert not letter.of_scheme


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "#panic()", "Blauwe Knop", "\u202egnp.exe", "\U0001f600" * 50, "a" * 3000, "gegevens.json"]
)
def test_hostile_names_are_words_on_a_page_and_nothing_else(text: str) -> None:
    case: JsonValue = {"zaakkenmerk": text, "omschrijving": text, "saldo": 100}
    debt = piece("betalingen", family(), (CJIB[0], text), {"data": {"financiele_zaken": [case]}})
    pdf = sealed(made_dossier(debt, papers=(replace(PAPER, title=text),)), with_papers=True, reference=text)
    assert checked(pdf).colour is Colour.ORANGE
    assert sorted(inside(pdf)) == ["dossier.json", "eigen-papier-1.pdf"]


def test_more_debts_than_one_file_may_have_are_refused() -> None:
    dossier = rich(family())
    with pytest.raises(DossierTooLarge):
        sealed(replace(dossier, figures=replace(dossier.figures, debts=dossier.figures.debts * 600)))


def test_more_bytes_than_one_file_may_have_are_refused_and_fit_without_the_papers() -> None:
    dossier = made_dossier(study_debt(), papers=tuple(replace(PAPER, number=number, content="A" * 4_000_000) for number in range(4)))
    with pytest.raises(DossierTooLarge):
        sealed(dossier, with_papers=True)
    assert checked(sealed(dossier)).colour is Colour.ORANGE


def test_a_piece_that_showed_more_than_was_asked_is_told_and_not_inside() -> None:
    letter = compose_dossier_letter(made_dossier(payments(family())), about(), "nl", printable=typesetter().printable)
    assert "niet bewaard" in letter_text(letter)


def test_a_dossier_that_a_link_brought_says_so_on_the_page_and_in_the_data() -> None:
    dossier = replace(made_dossier(wages()), by_link=True)
    assert "kwam met een link" in letter_text(compose_dossier_letter(dossier, about(), "nl", printable=typesetter().printable))
    assert json.loads(dossier_json(dossier))["by_link"] is True


def test_a_request_that_was_registered_no_longer_has_no_ground_on_the_page() -> None:
    letter = compose_dossier_letter(made_dossier(wages()), about(purpose="", ground=""), "nl", printable=typesetter().printable)
    labels = [label for block in letter.blocks if isinstance(block, Rows) for label, _ in block.rows]
    assert "Op grond van" not in labels


@pytest.fixture
def sealing(world: DossierWorld) -> Iterator[Desk]:
    """A desk of a receiver with a key for its dossiers."""
    world.sealer = sealer()
    with world.browser() as opened_desk:
        yield opened_desk


def test_staff_take_a_sealed_dossier_along(world: DossierWorld, sealing: Desk) -> None:
    dossier = world.answered([of_wallet()], reference="zaak 4711")
    assert "dossier.pdf" in sealing.get(dossier).text
    answer = sealing.get(dossier, "/dossier.pdf")
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/pdf", "no-store")
    assert "zaak4711" in words(answer.content)
    assert checked(answer.content).colour is Colour.ORANGE


def test_without_a_key_there_is_no_sealed_dossier(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([of_wallet()])
    assert "dossier.pdf" not in desk.get(dossier).text
    assert desk.get(dossier, "/dossier.pdf").status_code == 404


def test_what_does_not_fit_in_one_file_is_told_with_what_to_do(world: DossierWorld, sealing: Desk) -> None:
    paper: dict[str, JsonValue] = {"title": "Map", "media_type": "application/pdf", "sha256": "", "content": "A" * 13 * 1024 * 1024}
    dossier = world.answered([of_wallet()], papers=[paper])
    answer = sealing.get(dossier, "/dossier.pdf?papieren=ja")
    assert (answer.status_code, "laat de eigen papieren weg" in answer.text) == (413, True)
    assert sealing.get(dossier, "/dossier.pdf").status_code == 200


def test_a_seal_that_fails_gives_no_file(world: DossierWorld) -> None:
    def no_key(digest: bytes) -> bytes:
        raise BlauweKnopError("the key does not answer")

    world.sealer = replace(sealer(), seal=no_key)
    with world.browser() as desk:
        answer = desk.get(world.answered([of_wallet()]), "/dossier.pdf")
    assert (answer.status_code, "Het verzegelen lukt nu niet" in answer.text) == (503, True)


def test_who_may_not_see_a_dossier_gets_no_sealed_one(world: DossierWorld, sealing: Desk) -> None:
    dossier = world.answered([of_wallet()])
    world.allowed = False
    assert sealing.get(dossier, "/dossier.pdf").status_code == 404


def test_where_a_colleague_must_agree_no_sealed_dossier_leaves_by_itself(world: DossierWorld) -> None:
    world.sealer, world.four_eyes = sealer(), frozenset({Guarded.EXPORT})
    with world.browser() as desk:
        answer = desk.get(world.answered([of_wallet()]), "/dossier.pdf")
    assert answer.url.path.endswith("/meenemen/dossier.pdf")
    assert answer.headers["content-type"].startswith("text/html")


def test_nothing_is_laid_out_or_sealed_before_a_colleague_agreed(world: DossierWorld) -> None:
    made: list[str] = []
    real = sealer()

    def lay_out(letter: Letter, /, *, accent: str, attachments: Sequence[Attachment], made_at: datetime) -> bytes:
        made.append("pages")
        return real.lay_out(letter, accent=accent, attachments=attachments, made_at=made_at)

    def seal(digest: bytes) -> bytes:
        made.append("seal")
        return real.seal(digest)

    world.sealer, world.four_eyes = replace(real, lay_out=lay_out, seal=seal), frozenset({Guarded.EXPORT})
    dossier = world.answered([of_wallet()])
    with world.browser() as desk:
        desk.get(dossier, "/dossier.pdf")
        desk.post(dossier, "/meenemen/dossier.pdf", reason="Nodig voor het plan")
        desk.get(dossier, "/dossier.pdf")
        assert made == []
        agree(world)
        assert desk.get(dossier, "/dossier.pdf").headers["content-type"] == "application/pdf"
    assert made == ["pages", "seal"]


def test_a_yes_is_of_the_papers_as_they_were_and_not_of_a_newer_one(world: DossierWorld) -> None:
    world.four_eyes = frozenset({Guarded.EXPORT})
    paper: dict[str, JsonValue] = {"title": "Huurcontract", "media_type": PAPER.media_type, "sha256": "", "content": PAPER.content}
    dossier = world.answered([of_wallet()], papers=[paper])
    with world.browser() as desk:
        desk.get(dossier, "/dossier.json")
        desk.post(dossier, "/meenemen/dossier.json", reason="Nodig voor het plan")
        agree(world)
        assert world.services().answers.replace_papers(dossier, {1: paper | {"title": "Nieuw contract"}})
        assert desk.get(dossier, "/dossier.json").url.path.endswith("/meenemen/dossier.json")


def test_a_seal_that_fails_does_not_use_up_the_yes(world: DossierWorld) -> None:
    def no_key(digest: bytes) -> bytes:
        raise BlauweKnopError("the key does not answer")

    world.sealer, world.four_eyes = replace(sealer(), seal=no_key), frozenset({Guarded.EXPORT})
    dossier = world.answered([of_wallet()])
    with world.browser() as desk:
        desk.post(dossier, "/meenemen/dossier.pdf", reason="Nodig voor het plan")
        agree(world)
        assert desk.get(dossier, "/dossier.pdf").status_code == 503
    world.sealer = sealer()
    with world.browser() as desk:
        assert desk.get(dossier, "/dossier.pdf").headers["content-type"] == "application/pdf"
        assert desk.get(dossier, "/dossier.pdf").url.path.endswith("/meenemen/dossier.pdf")


def agree(world: DossierWorld) -> None:
    """A colleague says yes to what waits."""
    approvals, now = world.staff().approvals, world.asking.now
    for waiting in approvals.waiting(now=now, most=9):
        assert approvals.decide(waiting.id, Staff("cd" * 32, "Tom Oefening", frozenset({Role.REVIEWER})), granted=True, now=now)


def test_a_withdrawn_piece_turns_red_after_a_check_and_every_export_says_so(world: DossierWorld, sealing: Desk) -> None:
    dossier = world.answered([of_wallet(status_uri="https://duo.example/status/1", status_index=7), wages()])
    assert "InordeOntvangenengewaarmerkt" in words(sealing.get(dossier, "/dossier.pdf").content)
    world.said[7] = "withdrawn"
    sealing.post(dossier, "/opnieuw-controleren")
    page = sealing.get(dossier).text
    assert page.index("ingetrokken nadat u het ontving") < page.index("Kijk hier eerst naar")
    assert "InordeOntvangen,teltnietmeer" in words(sealing.get(dossier, "/dossier.pdf").content)
    (row, *_) = [line for line in sealing.get(dossier, "/stukken.csv").text.splitlines() if "studieschuld" in line]
    assert "telt_niet_meer,groen" in row
    assert len(sealing.get(dossier, "/schulden.csv").text.splitlines()) == 1
    assert sealing.get(dossier, "/fcid.json").json()["bronorganisaties"] == []
    assert sealing.get(dossier, "/dossier.json").json()["pieces"][0]["standing"] == "refused"
