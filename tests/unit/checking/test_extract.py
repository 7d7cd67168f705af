import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from blauweknop.checking.extract import as_csv, as_json, attached_credential
from blauweknop.domain.verdict import VerdictFacts, Verified
from tests.unit.checking import exercise_documents as x


def rows_of(**content: object) -> list[list[str]]:
    return list(csv.reader(io.StringIO(as_csv(Verified(VerdictFacts(()), content)), newline="")))  # type: ignore[arg-type] # JSON per test


def test_json_is_the_content_unchanged() -> None:
    assert json.loads(as_json(Verified(VerdictFacts(()), x.content()))) == x.content()


def test_rows_have_the_path_of_each_value() -> None:
    found = rows_of(data={"list": [{"bedrag": -5}, {"bedrag": 7, "waar": True, "leeg": None}]})
    assert found == [
        ["path", "value"],
        ["data.list.0.bedrag", "-5"],
        ["data.list.1.bedrag", "7"],
        ["data.list.1.waar", "true"],
        ["data.list.1.leeg", ""],
    ]


@given(st.sampled_from("=+-@\t\r\n"), st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_no_text_becomes_a_formula(start: str, rest: str) -> None:
    assert rows_of(name=start + rest)[1][1] == f"'{start}{rest}"


def test_the_credential_comes_out_as_it_went_in() -> None:
    credential = x.credential(x.content())
    assert attached_credential(x.document_saying(x.content(), sd_jwt=credential)) == credential
