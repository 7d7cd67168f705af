import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

import pytest

from blauweknop.checking.content_steps import NOT_OFFERED, check_content, check_schema, check_status, check_validity, schema_validator
from blauweknop.checking.file_steps import check_container
from blauweknop.checking.report_letter import REPORT_NAME
from blauweknop.checking.steps import Evidence, SkipStep, StopStep
from blauweknop.document.attachment import Attachment
from blauweknop.document.reduction import LISTS_NAME
from blauweknop.domain.document import JsonValue
from blauweknop.standards.timestamp import verify_token
from tests.unit.checking import exercise_documents as x


def found(**changes: object) -> Evidence:
    """What stands for a good document before its content is judged, but for these fields."""
    good = Evidence(b"", x.trust(), x.NOW, x.catalogue(), content=x.content(), dataset=x.dataset(), entity=x.entity(x.DUO))
    return replace(good, **changes)  # type: ignore[arg-type] # the names are those of the fields


def answer(step: Callable[[Evidence], str | None], evidence: Evidence) -> str:
    try:
        return step(evidence) or "ok"
    except StopStep as stop:
        return stop.code


@pytest.mark.parametrize(("seconds", "expected"), [(60, "ok"), (61, "issued_after_seal")])
def test_a_document_may_be_made_a_minute_after_its_time_stamp(seconds: int, expected: str) -> None:
    digest = hashlib.sha256(b"seal").digest()
    stamp = verify_token(x.time_stamps(x.ISSUED - timedelta(seconds=seconds))(digest), digest)
    assert answer(check_validity, found(time_stamp=stamp)) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(60, "ok"), (61, "issued_in_future")])
def test_a_document_may_be_made_a_minute_from_now(seconds: int, expected: str) -> None:
    assert answer(check_validity, found(at=x.ISSUED - timedelta(seconds=seconds))) == expected


@pytest.mark.parametrize(("moment", "expected"), [("22:59:59", "ok"), ("23:00:00", "data_expired")])
def test_a_document_is_good_until_midnight_in_the_netherlands(moment: str, expected: str) -> None:
    at = datetime.fromisoformat(f"{x.content()['valid_until']}T{moment}+00:00")
    assert answer(check_validity, found(at=at)) == expected


def test_without_status_lists_there_is_no_status() -> None:
    evidence = found()
    assert answer(check_status, evidence) == NOT_OFFERED
    assert evidence.status == "none"


def test_a_status_that_nobody_tells_is_unknown() -> None:
    uri = "https://duo.example/statuslists/7"
    said = x.changed(x.content(), status={"status_list": {"idx": 9, "uri": uri}})
    evidence = found(content=said, entity=x.entity(x.DUO, hosts=("duo.example",)))
    assert answer(check_status, evidence) == "status_unknown"
    assert (evidence.status, evidence.status_uri, evidence.status_index) == ("unknown", uri, 9)


@pytest.mark.parametrize(("version", "expected"), [(0, "dataset_version"), (99, "dataset_version"), ("1", "schema"), (None, "schema")])
def test_another_version_of_a_data_set_is_not_judged(version: JsonValue, expected: str) -> None:
    assert answer(check_schema, found(content=x.changed(x.content(), version=version))) == expected


def test_a_document_that_disagrees_with_itself_does_not_pass() -> None:
    told = x.content()["volledigheid"]
    assert isinstance(told, dict)
    assert answer(check_schema, found(content=x.changed(x.content(), volledigheid={**told, "compleet": False}))) == "counts_mismatch"


@pytest.mark.parametrize("missing", ["content", "dataset", "entity"])
def test_without_data_or_a_known_issuer_there_is_no_status_to_ask_for(missing: str) -> None:
    with pytest.raises(SkipStep):
        check_status(found(**{missing: None}))


def with_attachments(*attached: Attachment) -> Evidence:
    evidence = found(pdf=x.sealed(x.typeset(x.letter(x.content()), [*x.attachments(x.content()), *attached])), content=None)
    check_container(evidence)
    return evidence


def test_the_data_are_taken_from_the_attachment() -> None:
    evidence = with_attachments()
    assert answer(check_content, evidence) == "ok"
    assert evidence.content == x.content()


@pytest.mark.parametrize("name", [LISTS_NAME, REPORT_NAME])
def test_a_document_holds_no_attachment_of_another_kind_of_file(name: str) -> None:
    assert answer(check_content, with_attachments(Attachment(name, b"{}", "application/json", "data", "meer"))) == "attachment_name"


@pytest.mark.parametrize(("mime", "relationship"), [("text/plain", "data"), ("application/json", "alternative")])
def test_the_data_are_attached_as_data(mime: str, relationship: Literal["data", "alternative"]) -> None:
    data, credential = x.attachments(x.content())
    other = replace(data, mime=mime, relationship=relationship)
    evidence = found(pdf=x.sealed(x.typeset(x.letter(x.content()), [other, credential])), content=None)
    check_container(evidence)
    assert answer(check_content, evidence) == "data_form"


def accepts(schema: dict[str, str], value: JsonValue) -> bool:
    return schema_validator(schema).is_valid(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-28", True),
        ("2026-02-29", False),
        ("20260228", False),
        ("2026-W09-1", False),
        ("2026-02-28\n", False),
        ("\u0662026-02-28", False),
    ],
)
def test_a_day_has_one_form_and_is_on_the_calendar(text: str, expected: bool) -> None:
    assert accepts({"format": "date"}, text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-28T23:59:59Z", True),
        ("2026-02-28T23:59:59.123456+01:00", True),
        ("2026-02-28T23:59:59.1234567Z", False),
        ("2026-02-28T23:59:59.Z", False),
        ("2026-02-28T23:59:59", False),
        ("2026-02-28T23:59Z", False),
        ("2026-02-28 23:59:59Z", False),
        ("2026-02-28T23:59:59+0100", False),
        ("2026-02-28T24:00:00Z", False),
        ("2026-02-29T00:00:00Z", False),
        ("0001-01-01T00:00:00+14:00", False),
        ("9999-12-31T23:59:59Z", False),
    ],
)
def test_a_moment_has_one_form_and_is_on_the_dutch_calendar(text: str, expected: bool) -> None:
    assert accepts({"format": "date-time"}, text) is expected


@pytest.mark.parametrize("form", ["date", "date-time"])
def test_a_form_is_of_texts_only(form: str) -> None:
    assert accepts({"format": form}, 20260228)


def test_a_pattern_ends_where_the_text_ends() -> None:
    assert [accepts({"pattern": "^a+$"}, text) for text in ("aa", "aa\n", "b")] == [True, False, False]
    assert accepts({"pattern": "^a+$"}, 7)
