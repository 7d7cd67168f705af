"""One damaged row in the database: pages say which, and go on with the rest."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import update

from blauweknop.adapters.database import writing
from blauweknop.adapters.holder_records import HOLDER_ITEMS
from blauweknop.catalogue.texts import all_texts
from blauweknop.domain.verdict import Colour
from blauweknop.holder.account_log import Happening, LogLine, read_log, write_log
from blauweknop.holder.keeping import settle
from blauweknop.holder.kept_documents import LastCheck, keep_checks, kept_items
from blauweknop.insight import RemarkKind
from tests.unit.holder.filled_vaults import keep, keep_paper, vault_of
from tests.unit.holder.holder_world import NOON, HolderWorld, Person, words
from tests.unit.insight import papers as p

_PAGES = ("/gegevens", "/overzicht", "/overzicht/afdrukken", "/overzicht/indicaties", "/rechten", "/rechten/logboek", "/verbeteren")
_DEBT = p.content("duo.studieschuld", {"schuldsaldo_inclusief_rente": 1_234_500, "fase": "aflosfase"})
_BILLS = p.content("cak.betaaloverzicht", {"financiele_zaken": [p.case("A", 77_700)], "gebeurtenissen": []})


@pytest.fixture
def anna(world: HolderWorld) -> Person:
    return world.person().settle()


def damage(world: HolderWorld, key: str, part: str) -> None:
    """As a disk or a hand does: a row whose head, body or key is something else."""
    with writing(world.engine) as connection:
        changed = connection.execute(update(HOLDER_ITEMS).where(HOLDER_ITEMS.c.id == bytes.fromhex(key)).values({part: b"\x01" * 64}))
        assert changed.rowcount == 1


def log_item(person: Person) -> str:
    return next(head.id.hex() for head in vault_of(person).heads() if b'"log"' in head.head)


@pytest.mark.parametrize("part", ["head", "body", "wrapped_key"])
@pytest.mark.parametrize("page", _PAGES)
def test_a_page_goes_on_with_what_can_be_read(world: HolderWorld, anna: Person, page: str, part: str) -> None:
    keep(vault_of(anna), _DEBT, NOON)
    damage(world, keep(vault_of(anna), _BILLS, NOON), part)

    assert anna.open(page).status_code == 200


@pytest.mark.parametrize("part", ["head", "body", "wrapped_key"])
def test_figures_are_those_of_the_rest_and_the_page_says_what_to_do(world: HolderWorld, anna: Person, part: str) -> None:
    keep(vault_of(anna), _DEBT, NOON)
    damage(world, keep(vault_of(anna), _BILLS, NOON), part)
    html = anna.open("/overzicht").text
    text = words(html)

    assert "12.345,00" in text
    assert "777,00" not in text
    assert "Iets wat u bewaarde kunnen wij niet meer lezen" in text
    assert "Haal uw documenten opnieuw op" in text
    assert 'href="/mijn/ophalen"' in html
    assert ("CAK" in text) == (part == "body")


def test_a_document_of_which_the_head_can_be_read_is_named(world: HolderWorld, anna: Person) -> None:
    keep(vault_of(anna), _DEBT, NOON)
    damage(world, keep(vault_of(anna), _BILLS, NOON), "body")

    assert "Betaaloverzicht CAK, CAK, 23 november 2026" in words(anna.open("/overzicht").text)


@pytest.mark.parametrize("part", ["head", "body", "wrapped_key"])
def test_who_takes_figures_along_reads_that_something_is_not_in_them(world: HolderWorld, anna: Person, part: str) -> None:
    keep(vault_of(anna), _DEBT, NOON)
    damage(world, keep(vault_of(anna), _BILLS, NOON), part)

    remarks = json.loads(anna.open("/overzicht/cijfers/json").content)["remarks"]
    assert [remark["kind"] for remark in remarks].count("unreadable") == 1


def test_with_nothing_damaged_no_page_speaks_of_it(anna: Person) -> None:
    keep(vault_of(anna), _DEBT, NOON)

    assert all("niet meer lezen" not in anna.open(page).text for page in _PAGES)


@pytest.mark.parametrize("part", ["head", "body", "wrapped_key"])
def test_what_cannot_be_read_can_be_taken_away(world: HolderWorld, anna: Person, part: str) -> None:
    keep(vault_of(anna), _DEBT, NOON)
    key = keep(vault_of(anna), _BILLS, NOON)
    damage(world, key, part)
    assert f"/onleesbaar/{key}/weghalen" in anna.open("/overzicht").text

    assert anna.send(f"/onleesbaar/{key}/weghalen").headers["location"] == "/mijn/gegevens"
    assert "niet meer lezen" not in anna.open("/overzicht").text
    assert "Weggehaald wat niet meer te lezen was" in words(anna.open("/rechten/logboek").text)


@pytest.mark.parametrize("part", ["head", "body"])
def test_the_document_before_a_damaged_one_counts_again_when_that_is_taken_away(world: HolderWorld, anna: Person, part: str) -> None:
    before = p.content("duo.studieschuld", {"schuldsaldo_inclusief_rente": 4_200}, on=p.AT - timedelta(days=9))
    older = keep(vault_of(anna), before, NOON, standing="replaced")
    newer = keep(vault_of(anna), _DEBT, NOON)
    damage(world, newer, part)
    anna.send(f"/onleesbaar/{newer}/weghalen")

    (document,) = kept_items(vault_of(anna)).documents
    assert (document.key, document.item.standing) == (older, "current")


def test_what_can_be_read_is_not_taken_away_as_unreadable(anna: Person) -> None:
    key = keep(vault_of(anna), _DEBT, NOON)

    assert anna.open(f"/onleesbaar/{key}/weghalen").status_code == 404
    anna.send(f"/onleesbaar/{key}/weghalen", page=f"/documenten/{key}/weghalen")
    assert kept_items(vault_of(anna)).document(key) is not None


@pytest.mark.parametrize("name", ["", "x", "00", "ff" * 16])
def test_a_name_of_nothing_is_no_damaged_item(anna: Person, name: str) -> None:
    assert anna.open(f"/onleesbaar/{name or '-'}/weghalen").status_code == 404


def test_the_page_of_the_damaged_document_itself_is_not_there(world: HolderWorld, anna: Person) -> None:
    key = keep(vault_of(anna), _DEBT, NOON)
    damage(world, key, "body")

    assert [anna.open(f"/documenten/{key}{form}").status_code for form in ("", "/pdf", "/json")] == [404] * 3


def test_a_newer_document_comes_in_beside_a_damaged_one_of_its_series(world: HolderWorld, anna: Person) -> None:
    older = keep(vault_of(anna), p.content("duo.studieschuld", {"schuldsaldo_inclusief_rente": 1}, on=p.AT - timedelta(days=9)), NOON)
    damage(world, older, "body")
    newer = keep(vault_of(anna), _DEBT, NOON)

    assert vault_of(anna).together(settle) == {bytes.fromhex(older)}
    assert kept_items(vault_of(anna)).document(newer) is not None
    assert "12.345,00" in words(anna.open("/overzicht").text)


@pytest.mark.parametrize("part", ["head", "body"])
def test_without_the_last_checks_a_document_is_not_called_green(world: HolderWorld, anna: Person, part: str) -> None:
    key = keep(vault_of(anna), _DEBT, NOON)
    keep_checks(vault_of(anna), {key: LastCheck(Colour.RED, NOON, is_withdrawn=True)})
    checks = next(head.id.hex() for head in vault_of(anna).heads() if b'"checks"' in head.head)
    damage(world, checks, part)

    (document,) = kept_items(vault_of(anna)).documents
    assert document.check == LastCheck(Colour.ORANGE, NOON)


def test_checks_after_that_are_kept_beside_the_damaged_ones(world: HolderWorld, anna: Person) -> None:
    key = keep(vault_of(anna), _DEBT, NOON)
    keep_checks(vault_of(anna), {key: LastCheck(Colour.GREEN, NOON)})
    damage(world, next(head.id.hex() for head in vault_of(anna).heads() if b'"checks"' in head.head), "body")
    red = LastCheck(Colour.RED, NOON + timedelta(days=1), is_withdrawn=True)

    keep_checks(vault_of(anna), {key: red})
    assert kept_items(vault_of(anna)).documents[0].check == red


def test_a_damaged_log_is_told_and_a_new_one_begins(world: HolderWorld, anna: Person) -> None:
    write_log(vault_of(anna), LogLine(NOON, Happening.OPENED))
    damage(world, log_item(anna), "body")

    assert write_log(vault_of(anna), LogLine(NOON, Happening.EXPORTED))
    assert [line.happening for line in read_log(vault_of(anna))] == [Happening.EXPORTED]
    assert "Een deel van uw logboek kunnen wij niet meer lezen" in words(anna.open("/rechten/logboek").text)


def test_an_archive_has_the_rest_and_says_what_is_not_in_it(world: HolderWorld, anna: Person) -> None:
    keep(vault_of(anna), _DEBT, NOON)
    keep_paper(vault_of(anna), "Huurcontract", NOON)
    damage(world, keep(vault_of(anna), _BILLS, NOON), "body")
    damage(world, keep_paper(vault_of(anna), "Loonstrook", NOON), "head")

    with zipfile.ZipFile(io.BytesIO(anna.send("/rechten/alles", page="/rechten").content)) as archive:
        kept = [item["head"]["kind"] for item in json.loads(archive.read("mijn-blauwe-knop.json"))["items"]]
        readme = archive.read("LEES-MIJ.txt").decode("utf-8")
    assert [kept.count(kind) for kind in ("document", "own_paper")] == [1, 1]
    assert "(2)" in readme


def test_everything_can_still_be_erased(world: HolderWorld, anna: Person) -> None:
    for part in ("head", "body"):
        damage(world, keep_paper(vault_of(anna), "Huurcontract", NOON), part)

    assert anna.send("/wissen", sure="yes").headers["location"] == "/mijn/gewist"


@pytest.mark.parametrize("kind", list(RemarkKind))
def test_every_kind_of_remark_has_a_heading(kind: RemarkKind) -> None:
    assert f"holder.overview.remark.{kind}" in all_texts()


def test_a_document_with_a_value_that_is_not_of_its_type_keeps_no_other_from_the_overview(anna: Person) -> None:
    keep(vault_of(anna), _DEBT, NOON)
    keep(vault_of(anna), p.content("cak.wanbetalers", {"aangemeld": "ja"}), NOON)
    text = words(anna.open("/overzicht").text)

    assert "12.345,00" in text
    assert "In dit document staat iets dat wij niet kunnen lezen" in text
