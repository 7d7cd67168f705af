import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from blauweknop.catalogue.schema import SCHEMA_BASE
from blauweknop.checking.report_composing import CheckedFile
from blauweknop.checking.trust import NO_TRUST, Trust
from blauweknop.checking.verification_report import (
    REPORT_ID,
    REPORT_SCHEMA_URI,
    REPORT_VERSION,
    MalformedReport,
    UsedPolicy,
    plain_name,
    report_from_json,
    report_schema,
    report_to_json,
)
from blauweknop.domain.document import JsonValue
from blauweknop.standards.status_list import StatusList, sign_status_list
from blauweknop.standards.strict_json import canonical_json, parse_json_object
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import report_documents as r

Json = dict[str, JsonValue]


def members(of: CheckedFile | None = None, **changes: object) -> Json:
    return report_to_json(r.report(of, **changes))


def test_a_report_says_all_that_was_checked_and_used() -> None:
    said = members()
    steps = said.pop("validationConstraintsEvaluation")
    limits = said.pop("limits")
    assert isinstance(steps, list)
    assert isinstance(limits, list)
    assert [step["number"] for step in steps if isinstance(step, dict)] == list(range(1, 17))
    assert steps[4] == {
        "number": 5,
        "id": "seal",
        "result": "ok",
        "reason": "ok",
        "name": {"nl": "Het zegel past bij het bestand", "en": "The seal fits the file"},
        "found": {"nl": "Nee, geen letter. Dat is nagerekend.", "en": "No, not a letter. This was calculated."},
    }
    assert len(limits) == 3
    assert said == {
        "$schema": "https://register.blauweknop.example/schemas/controlerapport/1",
        "version": 1,
        "reportId": "5e" * 16,
        "reportLevel": "B-T",
        "language": "nl",
        "exercise": True,
        "checkUrl": "https://controle.example",
        "signatureValidator": {"name": "Controledienst (oefening)", "identifier": "00000099000000000002"},
        "program": {"name": "Blauwe Knop", "version": "1.2.3"},
        "validationTime": "2026-11-23T14:12:00Z",
        "signersDocument": {
            "digestAlgorithm": "SHA-256",
            "digestValue": r.digest_of(x.good_document()),
            "size": len(x.good_document()),
            "kind": "document",
            "fileName": None,
        },
        "verdict": "green",
        "mainIndication": "TOTAL_PASSED",
        "subIndication": None,
        "title": {"nl": "Ja, dit document is echt", "en": "Yes, this document is real"},
        "summary": {"nl": "Het komt van DUO en er is niets aan veranderd.", "en": "It comes from DUO and nothing in it was changed."},
        "issuer": {"oin": "00000099000000001000", "name": "DUO"},
        "dataset": "duo.studieschuld",
        "datasetName": {"nl": "Studieschuld", "en": "Student debt"},
        "referenceDate": "2026-11-23",
        "validUntil": "2027-02-21",
        "status": "none",
        "sealTime": "2026-11-23T13:12:00Z",
        "bestSignatureTime": "2026-11-23T13:12:00Z",
        "sealLevel": "B-T",
        "trustList": {
            "operator": "OEFENING Stelsel Blauwe Knop",
            "sequence": 7,
            "issued": "2026-11-22T14:12:00Z",
            "nextUpdate": "2026-12-22T14:12:00Z",
            "sha256": "cd" * 32,
        },
        "statusList": None,
        "policy": None,
    }


def test_a_report_goes_into_json_and_back() -> None:
    made = r.report(file_name="studieschuld.pdf", policy=UsedPolicy("Regels van de bank", "ab" * 32))
    assert report_from_json(parse_json_object(canonical_json(report_to_json(made)), max_bytes=10**6)) == made


@pytest.mark.parametrize(
    ("pdf", "trust", "expected"),
    [
        (None, None, ("green", "TOTAL_PASSED", None, "document")),
        (None, NO_TRUST, ("orange", "INDETERMINATE", "SIGNATURE_POLICY_NOT_AVAILABLE", "document")),
        (x.good_document() + b"\n", None, ("red", "TOTAL_FAILED", "FORMAT_FAILURE", "document")),
        (b"\x00 no document at all \xff", None, ("red", "TOTAL_FAILED", "FORMAT_FAILURE", "other")),
        (b"", None, ("red", "TOTAL_FAILED", "FORMAT_FAILURE", "other")),
    ],
    ids=["green", "orange", "red", "garbage", "empty"],
)
def test_every_verdict_can_be_reported(pdf: bytes | None, trust: Trust | None, expected: tuple[str, ...]) -> None:
    made = r.report(r.checked(pdf, trust))
    assert (made.verdict.value, made.main_indication, made.sub_indication, made.signers_document.kind) == expected
    assert report_from_json(report_to_json(made)) == made


def test_without_a_trust_list_the_report_says_that_there_was_none() -> None:
    assert members(of=r.checked(trust=NO_TRUST))["trustList"] is None


def test_the_report_names_the_status_list_that_was_used() -> None:
    uri, made = "https://duo.example/statuslists/7", x.NOW - timedelta(minutes=3)
    token = sign_status_list(
        StatusList.of_size(8192, 2),
        uri=uri,
        issued_at=made,
        expires_at=made + timedelta(days=1),
        ttl=timedelta(hours=1),
        signer=x.exercise().credentials["duo"],
    ).encode()
    judge = replace(x.trust(x.entity(x.DUO, hosts=("duo.example",))), status_lists={uri: token, "https://duo.example/statuslists/8": b"x"})
    pdf = x.document_saying(x.changed(x.content(), status={"status_list": {"idx": 4711, "uri": uri}}))
    assert members(of=r.checked(pdf, judge))["statusList"] == {
        "address": uri,
        "issued": "2026-11-23T14:09:00Z",
        "expires": "2026-11-24T14:09:00Z",
        "sha256": r.digest_of(token),
    }


def test_a_status_list_that_cannot_be_read_is_still_named() -> None:
    uri = "https://duo.example/statuslists/7"
    judge = replace(x.trust(x.entity(x.DUO, hosts=("duo.example",))), status_lists={uri: b"<html>"})
    pdf = x.document_saying(x.changed(x.content(), status={"status_list": {"idx": 4711, "uri": uri}}))
    assert members(of=r.checked(pdf, judge))["statusList"] == {
        "address": uri,
        "issued": None,
        "expires": None,
        "sha256": r.digest_of(b"<html>"),
    }


def test_the_name_of_the_file_is_told_only_when_asked() -> None:
    assert "jansen" not in json.dumps(members())
    assert "jansen.pdf" in json.dumps(members(file_name="jansen.pdf"))
    assert "jansen" not in repr(r.report(file_name="jansen.pdf"))


@pytest.mark.parametrize("trust", [None, NO_TRUST], ids=["green", "orange"])
def test_no_report_holds_a_value_of_a_person(trust: Trust | None) -> None:
    said = json.dumps(members(of=r.checked(trust=trust)), ensure_ascii=False)
    assert not any(value in said for value in ("Łukasz", "Đorđe", "1985", "12345", "12.345"))


def test_the_published_schema_accepts_what_is_written() -> None:
    schema = report_schema()
    Draft202012Validator.check_schema(schema)
    for found in (r.checked(), r.checked(trust=NO_TRUST), r.checked(b"nothing")):
        Draft202012Validator(schema).validate(members(of=found))
    assert schema["$id"] == REPORT_SCHEMA_URI == f"{SCHEMA_BASE}/{REPORT_ID}/{REPORT_VERSION}"


@pytest.mark.parametrize("name", sorted(members()))
def test_each_member_must_be_there(name: str) -> None:
    said = members()
    del said[name]
    assert not Draft202012Validator(report_schema()).is_valid(said)
    with pytest.raises(MalformedReport):
        report_from_json(said)


@pytest.mark.parametrize("name", sorted(members()))
def test_a_member_of_another_kind_is_refused(name: str) -> None:
    with pytest.raises(MalformedReport):
        report_from_json({**members(), name: [[]]})


def test_an_unknown_member_is_refused() -> None:
    with pytest.raises(MalformedReport):
        report_from_json({**members(), "remark": "all is well"})


def changed(path: str, value: JsonValue) -> Json:
    """The report of a green document with one value another, at `trustList.issued` or `validationConstraintsEvaluation.4.result`."""
    said = members()
    *way, last = path.split(".")
    place: object = said
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]  # type: ignore[index] # the path is ours
    place[int(last) if isinstance(place, list) else last] = value  # type: ignore[index] # the same
    return said


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$schema", "https://other.example/schema"),
        ("version", 2),
        ("version", True),
        ("reportId", "5E" * 16),
        ("reportId", "5e" * 16 + "\n"),
        ("reportLevel", "B-LTA"),
        ("language", "fr"),
        ("validationTime", "2026-11-23T14:12:00"),
        ("validationTime", "2026-11-23T15:12:00+01:00"),
        ("validationTime", "2026-11-23 14:12:00Z"),
        ("validationTime", "2026-02-30T14:12:00Z"),
        ("trustList.issued", "2026-11-22T14:12:00.0Z"),
        ("trustList.nextUpdate", "2026-11-22T14:12:00Z"),
        ("trustList.sha256", "cd"),
        ("signersDocument.digestValue", "0" * 63),
        ("signersDocument.size", -1),
        ("signersDocument.size", 1.5),
        ("signatureValidator.identifier", "a b"),
        ("signatureValidator.name", ""),
        ("signatureValidator.name", "x" * 201),
        ("issuer.oin", "1"),
        ("verdict", "red"),
        ("verdict", "blue"),
        ("mainIndication", "TOTAL_FAILED"),
        ("subIndication", "FORMAT_FAILURE"),
        ("title.nl", ""),
        ("limits", []),
        ("validationConstraintsEvaluation", []),
        ("validationConstraintsEvaluation.4.number", 6),
        ("validationConstraintsEvaluation.4.id", "container"),
        ("validationConstraintsEvaluation.4.result", "fail"),
        ("validationConstraintsEvaluation.4.result", "warn"),
        ("validationConstraintsEvaluation.4.result", "skipped"),
        ("validationConstraintsEvaluation.4.result", "maybe"),
    ],
)
def test_a_report_that_is_not_of_the_form_or_contradicts_itself_is_refused(path: str, value: JsonValue) -> None:
    with pytest.raises(MalformedReport) as refused:
        report_from_json(changed(path, value))
    assert str(value) not in str(refused.value) or len(str(value)) < 4


def test_a_red_report_cannot_be_called_green() -> None:
    said = members(of=r.checked(b"nothing"))
    with pytest.raises(MalformedReport):
        report_from_json({**said, "verdict": "green", "mainIndication": "TOTAL_PASSED", "subIndication": None})


HOSTILE = [
    "a\u202egnp.fdp",
    "a\x00b",
    "a\x1b[31mb",
    "a\u200bb",
    "中文",
    "x" * 5000,
    "\ud800",
    "\n\r\t",
    "a\u2028b",
    "<script>",
    "{a}",
    "1e\u0301",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_written_so_that_it_steers_nothing(name: str) -> None:
    shown = r.report(file_name=name).signers_document.file_name
    assert shown is None or (shown.isprintable() and len(shown) <= 200)


@given(st.text(max_size=300))
def test_a_name_becomes_latin_letters_that_print(text: str) -> None:
    shown = plain_name(text)
    assert all(char.isprintable() and ord(char) < 0x250 for char in shown)
    assert len(shown) <= 200
    assert plain_name(shown) == shown


@given(st.text(alphabet="abcdefÀéßŁ đ.-_", max_size=100))
def test_an_ordinary_name_stays_as_it_is(text: str) -> None:
    assert plain_name(text) == " ".join(text.split())


def test_steps_that_end_well_are_told_apart_from_those_that_did_not_run() -> None:
    results = [step.result for step in r.report(r.checked(x.good_document() + b"\n")).validation_constraints_evaluation]
    assert [str(result) for result in results[:3]] == ["fail", "skipped", "skipped"]


@pytest.mark.parametrize("kind", r.KINDS)
def test_whatever_can_be_checked_can_be_reported(kind: str) -> None:
    of = r.KINDS[kind]()
    made = r.report(of)
    assert made.signers_document.kind == {"mdoc": "credential"}.get(kind, kind)
    assert made.verdict is of.verdict.colour
    assert report_from_json(report_to_json(made)) == made
    assert all("\n" not in words for step in made.validation_constraints_evaluation for words in (step.found.nl, step.found.en))
