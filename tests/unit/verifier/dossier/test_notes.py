from datetime import UTC, datetime

from sqlalchemy import select

from blauweknop.adapters.database import reading
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.verifier_dossiers import VERIFIER_DOSSIER_NOTES, DossierStore
from blauweknop.verifier.dossier.pieces import StatusCheck
from blauweknop.verifier.dossier.ports import MOST_NOTES
from tests.unit.verifier.asking.asking_world import ROW_KEY
from tests.unit.verifier.dossier.dossier_world import Desk, DossierWorld, study_debt

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_a_note_stands_in_the_dossier_until_it_is_erased(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt()])
    assert desk.post(dossier, "/aantekeningen", text="  Belt <b>morgen</b> ").status_code == 303
    assert "Belt &lt;b&gt;morgen&lt;/b&gt;" in desk.get(dossier).text
    assert desk.get(dossier, "/dossier.json").json()["notes"][0]["text"] == "Belt <b>morgen</b>"
    desk.post(dossier, "/aantekeningen/1/weg")
    assert "morgen" not in desk.get(dossier).text


def test_an_empty_note_is_none_and_a_long_one_is_cut(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt()])
    desk.post(dossier, "/aantekeningen", text="   ")
    desk.post(dossier, "/aantekeningen", text="x" * 5000)
    assert [len(note["text"]) for note in desk.get(dossier, "/dossier.json").json()["notes"]] == [2000]


def test_a_dossier_has_so_many_notes_and_no_more(world: DossierWorld, desk: Desk) -> None:
    records, dossier = world.dossiers().records, world.answered([study_debt()])
    kept = world.services().answers.of_request(dossier)
    assert kept is not None
    assert "Nieuwe aantekening" in desk.get(dossier).text
    assert [records.write_note(kept.id, "nog een", now=NOW) for _ in range(MOST_NOTES + 1)] == [True] * MOST_NOTES + [False]
    assert "Nieuwe aantekening" not in (page := desk.get(dossier).text)
    assert "Wis er eerst een" in page


def test_who_may_not_see_a_dossier_writes_and_erases_nothing(world: DossierWorld, desk: Desk) -> None:
    dossier = world.answered([study_debt()])
    desk.post(dossier, "/aantekeningen", text="blijft staan")
    world.allowed = False
    assert desk.post(dossier, "/aantekeningen", text="stiekem").status_code == 404
    assert desk.post(dossier, "/aantekeningen/1/weg").status_code == 404
    world.allowed = True
    page = desk.get(dossier).text
    assert ("blijft staan" in page, "stiekem" in page) == (True, False)


def test_another_receiver_reads_and_writes_nothing(world: DossierWorld) -> None:
    records, dossier = world.dossiers().records, kept_id(world)
    records.write_note(dossier, "van ons", now=NOW)
    records.keep_check(dossier, StatusCheck(NOW, {1: "valid"}))
    other = DossierStore(world.engine, ROW_KEY, "huur")
    assert not other.write_note(dossier, "van een ander", now=NOW)
    assert not other.keep_check(dossier, StatusCheck(NOW, {}))
    assert (other.notes(dossier), other.last_check(dossier)) == ([], None)
    other.erase_note(dossier, 1)
    assert [note.text for note in records.notes(dossier)] == ["van ons"]


def test_a_thief_of_the_database_reads_no_note(world: DossierWorld) -> None:
    records, dossier = world.dossiers().records, kept_id(world)
    records.write_note(dossier, "Xantippe belt morgen", now=NOW)
    with reading(world.engine) as connection:
        assert not any(b"Xantippe" in row.content for row in connection.execute(select(VERIFIER_DOSSIER_NOTES)))
    assert DossierStore(world.engine, RowKey.from_secret(bytes(32)), world.asking.receiver).notes(dossier) == []


def test_nothing_is_kept_of_a_dossier_that_is_gone(world: DossierWorld) -> None:
    records = world.dossiers().records
    assert not records.write_note("00" * 16, "te laat", now=NOW)
    assert not records.keep_check("00" * 16, StatusCheck(NOW, {}))


def kept_id(world: DossierWorld) -> str:
    kept = world.services().answers.of_request(world.answered([study_debt()]))
    assert kept is not None
    return kept.id
