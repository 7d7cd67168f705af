import random

import pytest

from blauweknop.document.blocks import Listing, Paragraph, Rows, letter_text
from blauweknop.document.certified import disclosable
from blauweknop.document.content import Content, compose_content
from blauweknop.document.kept_paths import UnknownPath, parse_path
from blauweknop.document.letter import compose_letter
from blauweknop.document.redaction import Reduced, reduce_credential
from blauweknop.document.reduction import read_lists, reduction_of, write_lists
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue, Selection, Snapshot, Subject
from blauweknop.domain.errors import MalformedValue
from blauweknop.standards import sd_jwt_vc
from tests.unit.catalogue.samples import MOMENT
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import reduced_documents as r
from tests.unit.document.content_samples import FACTS, SOURCE

JOBS = x.catalogue().dataset("uwv.verzekeringsbericht")
PERSON = x.catalogue().dataset("gem.brp")


def content_of(dataset: Dataset, data: dict[str, JsonValue]) -> Content:
    snapshot = Snapshot(dataset.id, Subject("Zoë", "van der Berg", PartialDate(1985, 8, 12)), data, MOMENT)
    return compose_content(snapshot, Selection(dataset.id, frozenset(part.id for part in dataset.parts)), dataset, SOURCE, FACTS)


def credential_of(dataset: Dataset, content: Content) -> str:
    return sd_jwt_vc.issue(
        {name: value for name, value in content.items() if name != "$schema"},
        disclosable=disclosable(dataset),
        signer=x.exercise().credentials["uwv"],
        vct=dataset.type_uri,
        issuer="https://uwv.example",
        issued_at=MOMENT,
        expires_at=MOMENT.replace(year=MOMENT.year + 1),
        random_bytes=_SALTS.randbytes,
    )


_SALTS = random.Random(21)


def reduced(dataset: Dataset, data: dict[str, JsonValue], *keep: str) -> Reduced:
    credential = credential_of(dataset, content_of(dataset, data))
    return reduce_credential(credential, [parse_path(path) for path in keep], dataset, made_at=x.NOW)


def jobs() -> dict[str, JsonValue]:
    def job(name: str, months: int) -> JsonValue:
        wages: list[JsonValue] = [
            {
                "periode_start": f"2026-{month:02d}-01",
                "periode_einde": f"2026-{month:02d}-28",
                "aantal_uren": "150.00",
                "sv_loon": month * 100,
            }
            for month in range(1, months + 1)
        ]
        return {"werkgever_naam": name, "loonheffingennummer": "001234567L01", "is_uitkering": False, "loonitems": wages}

    return {"aanmaakdatum": "2026-11-23", "vzb_versie": "VZB-006", "inkomstenverhoudingen": [job("Bakker", 6), job("Slager", 3)]}


def printed(found: Reduced, dataset: Dataset) -> str:
    return letter_text(compose_letter(found.content, dataset, check_url=x.CHECK_URL, exercise=True))


def test_what_is_kept_is_what_is_said_and_all_that_describes_the_document_stays() -> None:
    found = r.reduced()
    whole = x.content()
    assert found.content["data"] == {"achterstand": 0, "fase": "aflosfase", "schuldonderdelen": [{"soort": "ov", "bedrag": 234567}]}
    assert found.content["subject"] == {"family_name": "van der Łukasz"}
    assert {name: found.content[name] for name in whole if name not in ("data", "subject")} == {
        name: whole[name] for name in whole if name not in ("data", "subject")
    }


def test_what_is_left_out_is_counted_by_place() -> None:
    assert r.reduced().content["reduced"] == {
        "made_at": "2026-11-23T15:12:00+01:00",
        "left_out": [{"path": "data", "values": 7}, {"path": "data.schuldonderdelen", "rows": 1}, {"path": "subject", "values": 2}],
    }


def test_rows_in_rows_are_counted_in_the_rows_that_are_kept() -> None:
    found = reduced(JOBS, jobs(), "data.inkomstenverhoudingen[1].loonitems[1:]")
    told = reduction_of(found.content)
    assert told is not None
    assert dict(told.rows) == {"data.inkomstenverhoudingen": 1, "data.inkomstenverhoudingen[0].loonitems": 1}
    assert told.lists == {"inkomstenverhoudingen", "inkomstenverhoudingen.loonitems"}


def test_a_second_reduction_counts_from_the_whole() -> None:
    first = reduced(JOBS, jobs(), "data.inkomstenverhoudingen[1].loonitems[1:]")
    second = reduce_credential(first.credential, [parse_path("data.inkomstenverhoudingen[0].loonitems[1]")], JOBS, made_at=x.NOW)
    assert second == reduced_again("data.inkomstenverhoudingen[1].loonitems[2]", second)


def reduced_again(path: str, other: Reduced) -> Reduced:
    """The same from the whole at once; salts differ, so the credential is not compared."""
    return Reduced(other.credential, reduced(JOBS, jobs(), path).content)


def test_what_was_left_out_cannot_be_kept_any_more() -> None:
    first = reduced(JOBS, jobs(), "data.inkomstenverhoudingen[1].loonitems[1:]")
    with pytest.raises(UnknownPath):
        reduce_credential(first.credential, [parse_path("data.inkomstenverhoudingen[1]")], JOBS, made_at=x.NOW)


def test_an_indication_goes_with_the_value_it_is_about() -> None:
    naam: JsonValue = {"voornamen": "Zoë", "geslachtsnaam": "Berg", "inOnderzoek": {"voornamen": True, "geslachtsnaam": True}}
    found = reduced(PERSON, {"naam": naam}, "data.naam.voornamen")
    assert found.content["data"] == {"naam": {"voornamen": "Zoë", "inOnderzoek": {"voornamen": True}}}


def test_the_letter_says_that_it_is_a_reduced_version_and_when_it_was_made() -> None:
    letter = r.letter(r.reduced().content)
    assert letter.blocks[0] == Paragraph(
        "Verkorte versie van een gewaarmerkt document van DUO, gemaakt door de houder op 23 november 2026."
    )
    assert letter.footer[-1] == "Verkorte versie, gemaakt door de houder op 23 november 2026"


def test_the_letter_names_by_group_what_is_not_in_it() -> None:
    letter = r.letter(r.reduced().content)
    items = next(block for block in letter.blocks if isinstance(block, Listing)).items
    assert items[0] == "Over wie gaat dit: voornamen, geboortedatum."
    assert any(item.endswith("1 regel weggelaten.") for item in items)


def test_what_may_be_left_out_is_never_called_unknown_to_the_source() -> None:
    assert "niet vermeld" not in letter_text(r.letter(r.reduced().content))
    values = [pair for block in r.letter(r.reduced().content).blocks if isinstance(block, Rows) for pair in block.rows]
    assert "Geboortedatum" not in dict(values)


def test_an_empty_list_is_not_said_to_be_empty_at_the_source() -> None:
    found = reduced(JOBS, jobs(), "data.aanmaakdatum")
    assert "heeft hierover niets van u" not in printed(found, JOBS)
    assert "geen regels in deze verkorte versie" in printed(found, JOBS)


def test_a_total_is_of_the_lines_that_are_shown() -> None:
    found = reduced(JOBS, jobs(), "data.inkomstenverhoudingen[1].loonitems[1:]")
    assert "Totaal van deze regels" in printed(found, JOBS)
    assert "regels van" not in printed(found, JOBS)


@pytest.mark.parametrize("lists", [(), (b"\x30\x00",), (b"a" * 500, b"b")])
def test_revocation_lists_are_read_as_they_were_written(lists: tuple[bytes, ...]) -> None:
    assert read_lists(write_lists(lists)) == lists


@pytest.mark.parametrize(
    "pem",
    [
        b"iets",
        b"\xff",
        write_lists([b"abc"])[:-1],
        write_lists([b"abc"]) + b"\n",
        write_lists([b"abc"]).replace(b"YWJj", b"YW Jj"),
        write_lists([b"a"] * 21),
    ],
)
def test_revocation_lists_in_another_form_are_refused(pem: bytes) -> None:
    with pytest.raises(MalformedValue):
        read_lists(pem)
