import json

import pytest

from blauweknop.checking.check_document import check_document
from blauweknop.checking.report import deciding_steps, explain, report_json, report_text
from blauweknop.checking.steps import STEP_IDS
from blauweknop.checking.trust import NO_TRUST, Trust
from blauweknop.domain.verdict import CheckedKind, Verdict
from tests.unit.checking import exercise_documents as x

STEPS = STEP_IDS[CheckedKind.DOCUMENT]


def verdict(pdf: bytes | None = None, trust: Trust | None = None) -> Verdict:
    return check_document(pdf or x.good_document(), trust=trust or x.trust(), at=x.NOW, catalogue=x.catalogue())


def test_the_report_of_a_green_document() -> None:
    report = report_json("studieschuld.pdf", verdict())
    assert report.pop("checks") == [
        {"id": step, "result": "ok", "reason": "status_not_offered" if step == "status" else "ok"} for step in STEPS
    ]
    assert report == {
        "file": "studieschuld.pdf",
        "kind": "document",
        "verdict": "green",
        "indication": "TOTAL_PASSED",
        "subIndication": None,
        "issuer": {"oin": "00000099000000001000", "name": "DUO"},
        "dataset": "duo.studieschuld",
        "reduced": False,
        "representative": False,
        "referenceDate": "2026-11-23",
        "validUntil": "2027-02-21",
        "status": "none",
        "sealTime": "2026-11-23T13:12:00+00:00",
        "bestSignatureTime": "2026-11-23T13:12:00+00:00",
        "trustListSequence": 7,
    }


def test_the_names_in_a_report_are_the_same_for_every_verdict() -> None:
    green, orange, red = (report_json("a", found) for found in (verdict(), verdict(trust=NO_TRUST), verdict(b"nothing")))
    assert green.keys() == orange.keys() == red.keys()


def test_an_issuer_that_is_not_recognised_has_no_name_in_the_report() -> None:
    assert report_json("a", verdict(trust=NO_TRUST))["issuer"] == {"oin": None, "name": None}


@pytest.mark.parametrize("trust", [None, NO_TRUST], ids=["green", "orange"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_report_holds_a_value_of_a_person(trust: Trust | None, language: str) -> None:
    found = verdict(trust=trust)
    words = report_text("a.pdf", found, language) + json.dumps(report_json("a.pdf", found), ensure_ascii=False)
    assert not any(value in words for value in ("Łukasz", "Đorđe", "1985", "12345", "12.345"))


def test_the_words_name_colour_reason_and_next_step() -> None:
    words = report_text("a.pdf", verdict(x.good_document() + b"\n"), "nl")
    assert words.splitlines()[0] == "ROOD  a.pdf"
    assert "Er is iets achter het einde van het document gezet." in words
    assert "Vraag de persoon om een nieuw document van de bron." in words


def test_a_green_document_says_who_it_comes_from() -> None:
    assert explain(verdict(), "en").summary == "It comes from DUO and nothing in it was changed."


def test_a_red_verdict_lists_every_step_that_failed() -> None:
    pdf = x.sealed(x.typeset(x.letter(x.content()), x.attachments(x.content())[:1]), signer=x.exercise().seals["uwv"])
    assert [step.id for step in deciding_steps(verdict(pdf))] == ["issuer", "credential"]


def stranger(organisation: str) -> Verdict:
    return verdict(x.stranger_document(organisation))


def test_a_seal_of_an_unknown_sender_tells_the_name_in_it_and_that_it_proves_nothing() -> None:
    words = report_text("a.pdf", stranger("Bureau Zegel B.V."), "nl")
    assert "op naam van “Bureau Zegel B.V.”, maar staat niet op de vertrouwenslijst. Die naam bewijst niets" in words


def test_a_false_name_in_a_seal_is_not_called_the_issuer() -> None:
    found = stranger(x.DUO.name)
    assert (found.facts.sealed_by, found.facts.issuer_name) == ("DUO", None)
    assert "Die naam bewijst niets" in report_text("a.pdf", found, "nl")


def test_without_a_trust_list_the_name_in_the_seal_is_only_what_it_says_itself() -> None:
    words = report_text("a.pdf", verdict(trust=NO_TRUST), "en")
    assert f"in the name of “{x.DUO.legal_name}”. We could not check that" in words


def test_a_document_of_a_known_sender_names_only_the_source() -> None:
    assert "op naam van" not in report_text("a.pdf", verdict(), "nl")


def test_a_document_with_a_broken_seal_names_nobody() -> None:
    found = verdict(x.good_document().replace(b"<xmp:CreateDate>2026", b"<xmp:CreateDate>2025"))
    assert found.facts.sealed_by is None
    assert "op naam van" not in report_text("a.pdf", found, "nl")


@pytest.mark.parametrize(
    ("organisation", "told"),
    [("a\x1b[31mGROEN\x00", "a[31mGROEN"), ("\u202eOUD\u200b", "OUD"), ("a\n  b", "a b"), ("x" * 64, "x" * 64), ("\u200b", None)],
)
def test_the_name_in_a_seal_steers_no_screen(organisation: str, told: str | None) -> None:
    assert stranger(organisation).facts.sealed_by == told


def test_the_name_in_a_seal_is_no_member_of_the_json_report() -> None:
    assert "Bureau Zegel" not in json.dumps(report_json("a", stranger("Bureau Zegel B.V.")))
