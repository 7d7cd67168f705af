import io
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from blauweknop.adapters.holder_store import ItemStore
from blauweknop.catalogue.texts import sentence
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.verdict import CheckedKind, CheckResult, CheckStep, Rejected, Verdict, VerdictFacts, Verified
from blauweknop.holder.account_log import Happening, read_log
from blauweknop.holder.archive import MANIFEST, write_archive
from blauweknop.holder.archive_reading import MOST_ARCHIVE_BYTES, read_archive
from blauweknop.holder.corrections import CorrectionItem
from blauweknop.holder.credential_copies import Copy, CredentialCopies
from blauweknop.holder.credentials import take_copy
from blauweknop.holder.items import CredentialItem, head_of
from blauweknop.holder.keeping import items_of
from blauweknop.holder.kept_documents import kept_items
from blauweknop.holder.vault import ItemHead, Vault
from blauweknop.standards.strict_json import canonical_json, parse_json_object
from tests.unit.holder.filled_vaults import keep, keep_paper, vault_of
from tests.unit.holder.holder_world import NOON, HolderWorld, Person, words
from tests.unit.holder.kept_credentials import AT, copies_of, item_of, keep_credential, made
from tests.unit.holder.kept_credentials import check as check_credential
from tests.unit.holder.test_overview_pages import DEBT, DUO, ON, PAY
from tests.unit.holder.test_unreadable import damage
from tests.unit.insight import papers as p

PAPER: dict[str, Any] = {"title": "x", "media_type": "application/pdf", "size": 7, "kept_at": NOON.isoformat()}
PLACE = "data.schuldsaldo_inclusief_rente"
COPIES = made(2)
_SUBJECT = {**p.SUBJECT, "birth_date": PartialDate(1985, 8, 12).as_json()}


def check(data: bytes, at: datetime) -> Verdict:
    """A stand-in that takes a file for green when it is the content itself behind the first letters of a PDF; credentials are checked."""
    if data.startswith(b"ey"):
        return check_credential(data, AT)
    if not data.startswith(b"%PDF-"):
        return Rejected(VerdictFacts((CheckStep("seal", CheckResult.FAIL, "no_seal"),)), "FORMAT_FAILURE")
    if data.endswith(b"withdrawn"):
        return Rejected(VerdictFacts((CheckStep("status", CheckResult.FAIL, "withdrawn"),)), "REVOKED")
    content = parse_json_object(data.removeprefix(b"%PDF-"), max_bytes=1_000_000)
    source: Any = content["source"]
    return Verified(VerdictFacts((), source["oin"], source["name"], str(content["type"]), kind=CheckedKind.DOCUMENT), content)


def sealed(content: dict[str, Any]) -> bytes:
    return b"%PDF-" + canonical_json(content)


def filled(world: HolderWorld) -> tuple[Person, str]:
    world.check = check
    person = world.person().settle()
    vault = vault_of(person)
    debt = {**p.content("duo.studieschuld", DEBT, on=ON, subject=_SUBJECT), **DUO}
    pay = p.content("uwv.verzekeringsbericht", PAY, on=ON, subject=_SUBJECT)
    keep(vault, pay, NOON, pdf=sealed(pay))
    key = keep(vault, debt, NOON, pdf=sealed(debt))
    keep_paper(vault, "Huurcontract", NOON)
    keep_credential(vault, COPIES)
    return person, key


def taken_along(person: Person) -> bytes:
    answer = person.send("/rechten/alles", "/rechten")
    assert answer.headers["content-type"] == "application/zip"
    return answer.content


def bring(person: Person, data: bytes) -> Any:
    token = person.client.get("/mijn/rechten/inlezen").text.partition('name="_csrf_token" value="')[2].partition('"')[0]
    files = {"archief": ("mijn.zip", data)}
    headers = {"Sec-Fetch-Site": "same-origin"}
    return person.client.post("/mijn/rechten/inlezen", data={"_csrf_token": token}, files=files, headers=headers, follow_redirects=False)


def figures(person: Person) -> Any:
    found = person.open("/overzicht/cijfers/json").json()
    return [found["debts"]["total"]["cents"], [month["total"] and month["total"]["cents"] for month in found["income"]["months"]]]


def test_what_was_taken_along_gives_the_same_overview_elsewhere(world: HolderWorld) -> None:
    person, _ = filled(world)
    other = world.person().settle("Elders")
    shown = words(bring(other, taken_along(person)).text)
    assert "Nieuw bewaard: 4." in shown
    assert figures(other) == figures(person)
    assert [paper.title for _, paper in kept_items(vault_of(other)).papers] == ["Huurcontract"]


def test_bringing_in_twice_changes_nothing(world: HolderWorld) -> None:
    person, _ = filled(world)
    archive = taken_along(person)
    other = world.person().settle("Elders")
    bring(other, archive)
    before = sorted(item.head for item in vault_of(other).heads())
    assert "Nieuw bewaard: 0." in words(bring(other, archive).text)
    assert sorted(item.head for item in vault_of(other).heads()) == before


def test_credentials_come_in_with_their_keys_and_can_be_presented_there(world: HolderWorld) -> None:
    person, _ = filled(world)
    other = world.person().settle("Elders")
    bring(other, taken_along(person))
    (kept,) = heads_of_credentials(vault_of(other))
    taken = take_copy(kept.id, vault_of(other), receiver="x509_hash:ontvanger", at=AT)
    assert (taken.credential, taken.key.public_key()) == (COPIES[0].credential, COPIES[0].key.public)


def test_a_copy_that_was_used_does_not_come_back_with_an_archive_of_before(world: HolderWorld) -> None:
    person, _ = filled(world)
    archive = taken_along(person)
    (kept,) = heads_of_credentials(vault_of(person))
    take_copy(kept.id, vault_of(person), receiver="x509_hash:ontvanger", at=AT)
    assert "Nieuw bewaard: 0." in words(bring(person, archive).text)
    (after,) = heads_of_credentials(vault_of(person))
    assert [copy.credential for copy in copies_of(vault_of(person), after.id).unused] == [COPIES[1].credential]


def test_a_damaged_credential_comes_back_with_an_archive_of_before(world: HolderWorld) -> None:
    person, _ = filled(world)
    archive = taken_along(person)
    damage(world, heads_of_credentials(vault_of(person))[0].id.hex(), "body")
    assert "Nieuw bewaard: 1." in words(bring(person, archive).text)
    (after,) = heads_of_credentials(vault_of(person))
    assert [copy.credential for copy in copies_of(vault_of(person), after.id).unused] == [copy.credential for copy in COPIES]


def test_of_a_damaged_credential_no_used_copy_comes_back(world: HolderWorld) -> None:
    person, _ = filled(world)
    archive = taken_along(person)
    (kept,) = heads_of_credentials(vault_of(person))
    take_copy(kept.id, vault_of(person), receiver="x509_hash:ontvanger", at=AT)
    damage(world, kept.id.hex(), "body")
    bring(person, archive)
    (after,) = heads_of_credentials(vault_of(person))
    assert [copy.credential for copy in copies_of(vault_of(person), after.id).unused] == [COPIES[1].credential]


def test_a_damaged_credential_of_which_all_copies_were_used_does_not_come_back(world: HolderWorld) -> None:
    person, _ = filled(world)
    archive = taken_along(person)
    (kept,) = heads_of_credentials(vault_of(person))
    for _ in COPIES:
        take_copy(kept.id, vault_of(person), receiver="x509_hash:ontvanger", at=AT)
    damage(world, kept.id.hex(), "body")
    assert "Nieuw bewaard: 0." in words(bring(person, archive).text)


def test_older_copies_do_not_take_the_place_of_newer_ones_that_were_damaged(world: HolderWorld) -> None:
    world.check = check
    newer, older = world.person().settle(), world.person().settle("Elders")
    kept = keep_credential(vault_of(newer), COPIES)
    keep_credential(vault_of(older), made(1), kept_at=AT - timedelta(days=9))
    damage(world, kept.hex(), "body")
    assert "Nieuw bewaard: 0." in words(bring(newer, taken_along(older)).text)


def test_newer_copies_in_an_archive_take_the_place_of_older_ones(world: HolderWorld) -> None:
    world.check = check
    newer, older = world.person().settle(), world.person().settle("Elders")
    keep_credential(vault_of(newer), COPIES)
    keep_credential(vault_of(older), made(1), kept_at=AT - timedelta(days=9))
    bring(older, taken_along(newer))
    (kept,) = heads_of_credentials(vault_of(older))
    assert len(copies_of(vault_of(older), kept.id).unused) == len(COPIES)


@pytest.mark.parametrize(
    "copies",
    [
        (replace(COPIES[0], credential=COPIES[0].credential[:-3] + "x~"),),
        (Copy(COPIES[0].credential, COPIES[1].key),),
    ],
)
def test_a_credential_in_an_archive_is_checked_again(world: HolderWorld, copies: tuple[Copy, ...]) -> None:
    world.check = check
    assert_left_out(world, head_of(item_of(copies)), CredentialCopies(copies).as_bytes())


def test_a_credential_that_says_it_has_other_than_its_copies_is_left_out(world: HolderWorld) -> None:
    world.check = check
    assert_left_out(world, head_of(item_of(COPIES, unused=5)), CredentialCopies(COPIES).as_bytes())


def heads_of_credentials(vault: Vault) -> list[ItemHead]:
    return [head for head, item in items_of(vault) if isinstance(item, CredentialItem)]


def test_an_archive_that_there_is_no_room_for_changes_nothing(world: HolderWorld) -> None:
    person, _ = filled(world)
    archive = taken_along(person)
    world.changes["items"] = ItemStore(world.engine, most_items=4)
    other = world.person().settle("Elders")
    shown = words(bring(other, archive).text)
    assert "Er is niets ingelezen" in shown
    assert "Ingelezen" not in shown
    assert list(vault_of(other).heads()) == []


def test_a_document_in_an_archive_is_checked_again(world: HolderWorld) -> None:
    person, _ = filled(world)
    forged = [(item.head, dict(item.files)) for item in read_archive(taken_along(person)) if item.kind == "document"]
    entries: list[Any] = [{"head": head, "files": {"pdf": f"documenten/{n:04d}.pdf"}} for n, (head, _) in enumerate(forged)]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(MANIFEST, canonical_json({"format": "blauweknop-holder", "version": 1, "made_at": "", "items": entries}))
        for n in range(len(forged)):
            archive.writestr(f"documenten/{n:04d}.pdf", b"nothing sealed")
    other = world.person().settle("Elders")
    shown = words(bring(other, out.getvalue()).text)
    assert f"niet klopt: {len(forged)}." in shown
    assert f"De controle zegt: niet echt, of niet heel. {sentence('reason.no_seal', 'nl')} (2×)" in shown
    assert kept_items(vault_of(other)).documents == ()


def test_the_page_says_how_large_an_archive_may_be(world: HolderWorld) -> None:
    person, _ = filled(world)
    assert MOST_ARCHIVE_BYTES == 64 * 1024 * 1024
    assert "Hooguit 64 MB, uitgepakt 256 MB, met 2.000 bestanden." in words(person.open("/rechten/inlezen").text)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("own_paper", {"title": "x", "media_type": "image/png", "size": 3, "kept_at": NOON.isoformat()}),
        ("own_paper", {"title": "x", "media_type": "text/html", "size": 7, "kept_at": NOON.isoformat()}),
        ("own_paper", {"title": "x"}),
        ("credential", {"dataset": "x"}),
        ("correction", {"why": "x" * 3000}),
        ("log", {}),
    ],
)
def test_an_item_of_a_wrong_form_is_left_out_and_the_rest_comes_in(world: HolderWorld, kind: str, more: dict[str, Any]) -> None:
    world.check = check
    body = b"" if kind == "correction" else b"<script"
    assert_left_out(world, canonical_json({"form": 1, "kind": kind, **more}), body)


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"title": "x" * 81}, {"title": "a\u202eb"}, {"size": 8}, {"media_type": "image/jpeg"}, {"media_type": "text/html"}],
)
def test_a_paper_comes_in_only_by_the_rules_by_which_one_is_added(world: HolderWorld, wrong: dict[str, Any]) -> None:
    world.check = check
    assert_left_out(world, canonical_json({"form": 1, "kind": "own_paper", **PAPER, **wrong}), b"%PDF-1.")


def assert_left_out(world: HolderWorld, head: bytes, body: bytes) -> None:
    """Of an archive with this item and a good one only the good one comes in."""
    good = CorrectionItem("1", "Studieschuld", "DUO", "", "", "", "te hoog", NOON).as_head()
    archive = write_archive([(head, body), (good, b"")], made_at=NOON, language="nl")
    person = world.person().settle()
    shown = words(bring(person, archive).text)
    assert "Nieuw bewaard: 1." in shown
    assert "niet klopt: 1." in shown


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_archive_is_refused_with_one_sentence_and_changes_nothing(world: HolderWorld, data: bytes) -> None:
    world.check = check
    person = world.person().settle()
    answer = bring(person, data)
    assert answer.status_code == 422
    assert "Er is niets veranderd" in words(answer.text)
    assert list(vault_of(person).heads()) == []


def test_where_nothing_can_be_checked_nothing_is_read_in(world: HolderWorld) -> None:
    person = world.person().settle()
    assert "nog niet controleren" in words(person.open("/rechten/inlezen").text)


def test_an_archive_from_another_site_is_refused(world: HolderWorld) -> None:
    person, _ = filled(world)
    answer = person.client.post("/mijn/rechten/inlezen", files={"archief": ("x", b"x")}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_who_opened_the_account_long_ago_opens_it_again_before_taking_everything_along(world: HolderWorld) -> None:
    person, _ = filled(world)
    world.wait(minutes=11)
    assert person.send("/rechten/alles", "/rechten").headers["location"] == "/mijn/opnieuw-openen"


def test_the_log_says_what_was_taken_along(world: HolderWorld) -> None:
    person, _ = filled(world)
    assert "Er is nog niets gebeurd" in words(person.open("/rechten/logboek").text)
    taken_along(person)
    assert "U nam alles mee" in words(person.open("/rechten/logboek").text)


def test_a_request_for_correction_begins_at_the_field(world: HolderWorld) -> None:
    person, key = filled(world)
    assert f'href="/mijn/documenten/{key}/klopt-niet?veld={PLACE}"' in person.open(f"/documenten/{key}").text
    page = person.open(f"/documenten/{key}/klopt-niet?veld={PLACE}")
    assert "alleen DUO kan dat" in words(page.text)
    assert "1.234,56" in page.text
    assert 'href="https://duo.example/klopt-niet"' in page.text


def test_a_request_for_correction_is_kept_with_what_stood_there(world: HolderWorld) -> None:
    person, key = filled(world)
    answer = person.send(f"/documenten/{key}/klopt-niet", veld=PLACE, why="Het is € 900")
    assert answer.headers["location"] == "/mijn/verbeteren"
    shown = words(person.open("/verbeteren").text)
    assert "Wacht op antwoord" in shown
    assert "Het is € 900" in shown
    assert [line.happening for line in read_log(vault_of(person))] == [Happening.CORRECTION_ASKED]


@pytest.mark.parametrize(("why", "sentence"), [("", "Schrijf op wat er fout is"), ("x" * 2001, "hooguit 2000 tekens")])
def test_a_request_that_says_nothing_or_too_much_is_not_kept(world: HolderWorld, why: str, sentence: str) -> None:
    person, key = filled(world)
    answer = person.send(f"/documenten/{key}/klopt-niet", veld=PLACE, why=why)
    assert answer.status_code == 422
    assert sentence in words(answer.text)


def test_an_answer_is_told_by_the_person(world: HolderWorld) -> None:
    person, key = filled(world)
    person.send(f"/documenten/{key}/klopt-niet", veld=PLACE, why="te hoog")
    number = person.open("/verbeteren").text.partition("/verbeteren/")[2].partition("/")[0]
    assert person.send(f"/verbeteren/{number}/beantwoord", "/verbeteren").status_code == 303
    assert "Beantwoord" in words(person.open("/verbeteren").text)


def test_a_document_that_its_source_took_back_is_seen_and_closes_the_request(world: HolderWorld) -> None:
    person, _ = filled(world)
    taken_back = {**p.content("cak.betaaloverzicht", {"financiele_zaken": [p.case("Z", 777_77)], "gebeurtenissen": []}, on=ON), **DUO}
    key = keep(vault_of(person), taken_back, NOON, pdf=b"%PDF-withdrawn")
    person.send(f"/documenten/{key}/klopt-niet", veld="", why="niet van mij")
    assert "777,77" in person.open("/overzicht").text
    person.send(f"/documenten/{key}/controleer", "/verbeteren")
    assert "Document ingetrokken door de organisatie: Betaaloverzicht CAK, CAK" in words(person.open("/rechten/logboek").text)
    assert "De organisatie heeft het document ingetrokken" in words(person.open("/verbeteren").text)
    assert "777,77" not in person.open("/overzicht").text


def test_requests_and_documents_of_another_account_are_not_there(world: HolderWorld) -> None:
    person, key = filled(world)
    person.send(f"/documenten/{key}/klopt-niet", veld=PLACE, why="te hoog")
    number = person.open("/verbeteren").text.partition("/verbeteren/")[2].partition("/")[0]
    other = world.person().settle("Ander")
    assert other.open(f"/documenten/{key}/klopt-niet").status_code == 404
    for path in (f"/documenten/{key}/klopt-niet", f"/documenten/{key}/controleer", f"/verbeteren/{number}/beantwoord"):
        assert other.send(path, "/rechten", veld=PLACE, why="x").status_code == 404


@pytest.mark.parametrize("path", ["/rechten", "/rechten/inlezen", "/rechten/logboek", "/verbeteren"])
def test_a_locked_account_shows_none_of_it(world: HolderWorld, path: str) -> None:
    person, _ = filled(world)
    world.wait(minutes=16)
    assert person.open(path).headers["location"] == f"/mijn/vergrendeld?naar={path}"
