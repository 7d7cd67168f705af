from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.checking.check_document import check_document
from blauweknop.checking.explaining import explain_steps, limits_of
from blauweknop.checking.known_shapes import KnownShapes
from blauweknop.checking.report import deciding_steps, explain, report_json, report_text, seal_level
from blauweknop.checking.report_composing import CheckedFile, ReportLevel
from blauweknop.checking.report_document import NoTimeStamp
from blauweknop.checking.report_letter import compose_report_letter, grouped
from blauweknop.checking.signed_report import read_report, sign_report
from blauweknop.checking.steps import STEP_IDS
from blauweknop.checking.transport import verdict_from_bytes, verdict_to_bytes
from blauweknop.checking.trust import NO_TRUST, Trust
from blauweknop.checking.verification_report import CheckService, VerificationReport, report_to_json
from blauweknop.document.attachment import Attachment
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_parts import embedded_files
from blauweknop.document.pdf_seal import read_seal
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import CheckedKind, Colour, Rejected, ReportedCheck, Undecided, Verdict, Verified
from blauweknop.standards import base64url, jose
from blauweknop.standards.trust_list import ServiceStatus
from blauweknop.standards.x509 import read_certificate
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import report_documents as r


def verdict(pdf: bytes, trust: Trust | None = None, at: datetime = r.LATER) -> Verdict:
    return check_document(pdf, trust=trust or r.trust(), at=at, catalogue=x.catalogue())


def reasons(pdf: bytes, trust: Trust | None = None, at: datetime = r.LATER) -> str:
    """`red content report_malformed`: the colour and the steps that decided."""
    found = verdict(pdf, trust, at)
    assert found.facts.kind is CheckedKind.REPORT
    return " ".join([found.colour, *(f"{step.id} {step.reason}" for step in deciding_steps(found))])


FOUND: dict[str, Callable[[], CheckedFile]] = {
    "green": r.checked,
    "orange": lambda: r.checked(trust=NO_TRUST),
    "red": lambda: r.checked(x.good_document() + b"\n"),
    "garbage": lambda: r.checked(b"\x00nothing"),
}


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", FOUND)
def test_a_report_of_any_outcome_is_found_real_and_tells_that_outcome(name: str, language: str) -> None:
    of = FOUND[name]()
    found = verdict(r.made(of, language=language).pdf)
    assert isinstance(found, Verified)
    assert found.facts.kind is CheckedKind.REPORT
    assert found.facts.reported == ReportedCheck(of.sha256, x.NOW, of.verdict.colour)
    assert found.content == report_to_json(r.report(of, language=language))


def test_the_words_say_whose_report_it_is_of_which_file_and_what_came_out() -> None:
    of = FOUND["red"]()
    words = report_text("rapport.pdf", verdict(r.made(of).pdf), "nl")
    assert words.splitlines()[0] == "GROEN  rapport.pdf"
    assert "Dit controlerapport is echt, maar de uitkomst was rood. Het is van Controledienst (oefening)" in words
    assert grouped(of.sha256) in words
    assert "De uitkomst was rood: vertrouw dat document niet." in words


def test_the_json_says_of_which_check_it_is() -> None:
    said = report_json("a.pdf", verdict(r.good().pdf))
    assert said["kind"] == "report"
    assert said["issuer"] == {"oin": "00000099000000000002", "name": r.NAME}
    assert said["reported"] == {
        "sha256": r.digest_of(x.good_document()),
        "verdict": "green",
        "checkedAt": "2026-11-23T14:12:00+00:00",
    }
    assert "reported" not in report_json("a.pdf", x_verdict())


def x_verdict() -> Verdict:
    return check_document(x.good_document(), trust=x.trust(), at=x.NOW, catalogue=x.catalogue())


def test_every_step_of_a_report_is_told_in_words() -> None:
    found = verdict(r.good().pdf)
    assert [step.id for step in found.facts.steps] == list(STEP_IDS[CheckedKind.REPORT])
    for language in ("nl", "en"):
        assert all(step.name and step.looked and step.found for step in explain_steps(found, language))
        assert len(limits_of(found, language)) == 2
    assert seal_level(found) == "B-T"


def test_the_verdict_on_a_report_crosses_to_another_process() -> None:
    found = verdict(r.good().pdf)
    assert verdict_from_bytes(verdict_to_bytes(found)) == found


def test_a_report_is_learned_by_nobody_as_a_shape() -> None:
    shapes = KnownShapes()
    for _ in range(2):
        assert isinstance(shapes.check(r.good().pdf, trust=r.trust(), at=r.LATER, catalogue=x.catalogue()), Verified)
    assert len(shapes) == 0


def test_the_signed_report_inside_is_the_one_beside_it() -> None:
    inside = embedded_files(read_file(r.good().pdf))["controlerapport.jws"].content
    anchors = [read_certificate(encoded) for encoded in x.exercise().authorities]
    assert read_report(inside, anchors=anchors, at=r.LATER) == read_report(r.good().json, anchors=anchors, at=r.LATER)
    assert r.good().report == r.report()


def test_a_report_stays_real_when_the_certificates_of_its_check_service_have_ended() -> None:
    _, own = x.exercise().check_service
    assert verdict(r.good().pdf, at=read_certificate(own.certificate).not_valid_after_utc - timedelta(days=1)).colour is not Colour.RED


def test_a_report_without_time_stamp_is_orange_and_says_so() -> None:
    made = r.made(level="B-B")
    assert made.report.report_level == "B-B"
    assert reasons(made.pdf, at=x.NOW, trust=r.trust(issued=x.NOW)) == "orange time_stamp time_stamp_missing"


def test_when_no_time_stamp_can_be_had_the_report_is_made_without() -> None:
    working = r.reporter()

    def silent(digest: bytes, level: ReportLevel) -> bytes:
        if level == "B-T":
            raise NoTimeStamp("nobody answers")
        return working.seal(digest, level)

    made = r.made(by=replace(working, seal=silent))
    assert made.report.report_level == "B-B"
    assert reasons(made.pdf, at=x.NOW, trust=r.trust(issued=x.NOW)) == "orange time_stamp time_stamp_missing"


def test_a_check_service_that_nobody_vouches_for_is_orange() -> None:
    found = verdict(r.good().pdf, x.trust(), x.NOW)
    assert isinstance(found, Undecided)
    assert reasons(r.good().pdf, x.trust(), x.NOW) == "orange chain signer_unknown"
    words = explain(found, "nl")
    assert words.summary == "Het zegel is van een controledienst die wij niet kennen."
    assert "OEFENING Controledienst Blauwe Knop" in words.sealed_by
    assert found.facts.reported is not None


def test_without_a_trust_list_a_report_is_orange() -> None:
    assert reasons(r.good().pdf, NO_TRUST) == "orange trust_list no_trust_list"


def test_a_source_may_not_seal_reports() -> None:
    signer = x.exercise().seals["duo"]
    letter = x.typeset_at(compose_report_letter(r.report()), accent="#154273", attachments=[signed_attachment(r.report())], made_at=x.NOW)
    assert reasons(x.sealed(letter, signer=signer, stamp=x.time_stamps(x.NOW))) == "red chain signer_wrong_use"


def test_a_check_service_may_not_certify_documents() -> None:
    pdf = x.sealed(x.good_letter(), signer=x.exercise().check_service[0])
    found = verdict(pdf)
    assert found.facts.kind is CheckedKind.DOCUMENT
    assert [step.reason for step in deciding_steps(found)] == ["signer_wrong_use"]


def test_a_check_service_that_was_withdrawn_before() -> None:
    assert reasons(r.good().pdf, r.trust(status=ServiceStatus.WITHDRAWN)).startswith(
        "red signature report_checker issuer service_withdrawn"
    )


def test_a_check_service_that_had_not_begun() -> None:
    assert "issuer service_not_started" in reasons(r.good().pdf, r.trust(since=x.NOW + timedelta(hours=1)))


def test_a_report_in_another_name() -> None:
    assert reasons(r.good().pdf, r.trust(name="Somebody else")) == "red issuer report_checker"


@pytest.mark.parametrize("service", [CheckService(r.NAME, "00000099000000001000"), CheckService("DUO", r.SERVICE.identifier)])
def test_a_report_that_names_another_check_service(service: CheckService) -> None:
    assert reasons(r.saying(r.report(service=service))) == "red issuer report_checker"


def test_a_report_that_says_it_is_no_exercise() -> None:
    assert reasons(r.saying(r.report(exercise=False))) == "red issuer report_checker"


def signed_attachment(report: VerificationReport) -> Attachment:
    jws = sign_report(report, signer=x.exercise().check_service[1], at=x.NOW)
    return Attachment("controlerapport.jws", jws.encode(), "application/jose", "data", "rapport")


def test_pages_that_say_green_over_a_report_that_says_red() -> None:
    red, green = r.report(FOUND["red"]()), r.report()
    assert reasons(r.saying(red, shown=green)) == "red page_text page_differs"


@pytest.mark.parametrize(
    "change",
    [
        {"report_id": "5f" * 16},
        {"language": "en"},
        {"report_level": "B-B"},
        {"validation_time": x.NOW - timedelta(minutes=2)},
        {"check_url": "https://evil.example"},
        {"reference_date": None},
        {"status": "valid"},
    ],
    ids=str,
)
def test_pages_that_differ_in_one_value(change: dict[str, object]) -> None:
    assert reasons(r.saying(r.report(), shown=msgspec.structs.replace(r.report(), **change))).startswith("red page_text page_")


def test_an_attachment_that_is_no_signed_report() -> None:
    letter = compose_report_letter(r.report())
    assert reasons(r.sealed_pages(letter, "a.b.c")) == "red content report_malformed"


def test_an_attachment_of_another_type() -> None:
    jws = sign_report(r.report(), signer=x.exercise().check_service[1], at=x.NOW)
    assert reasons(r.sealed_pages(compose_report_letter(r.report()), jws, mime="text/plain")) == "red content data_form"


def test_an_attachment_swapped_for_the_signed_report_of_another_file() -> None:
    other = sign_report(r.report(FOUND["red"]()), signer=x.exercise().check_service[1], at=x.NOW)
    assert reasons(r.sealed_pages(compose_report_letter(r.report()), other)) == "red page_text page_differs"


def test_a_report_signed_by_another_organisation() -> None:
    jws = sign_report(r.report(), signer=x.exercise().credentials["duo"], at=x.NOW)
    assert reasons(r.sealed_pages(compose_report_letter(r.report()), jws)) == "red signature report_checker issuer report_checker"


def test_a_report_signed_with_the_key_for_seals() -> None:
    jws = sign_report(r.report(), signer=x.exercise().check_service[0], at=x.NOW)
    assert reasons(r.sealed_pages(compose_report_letter(r.report()), jws)) == "red signature report_checker"


def test_a_report_whose_signature_is_of_another_report() -> None:
    mine, other = (sign_report(r.report(language=language), signer=x.exercise().check_service[1], at=x.NOW) for language in ("nl", "en"))
    jws = mine.rpartition(".")[0] + "." + other.rpartition(".")[2]
    assert reasons(r.sealed_pages(compose_report_letter(r.report()), jws)) == "red signature report_signature"


def signed_json(**changes: JsonValue) -> str:
    signer = x.exercise().check_service[1]
    header: dict[str, JsonValue] = {
        "iat": int(x.NOW.timestamp()),
        "x5t#S256": base64url.encode(bytes.fromhex(r.digest_of(signer.certificate))),
    }
    return jose.sign_jws({**report_to_json(r.report()), **changes}, signer, jose.VERIFICATION_REPORT, header=header)


def test_a_signed_report_that_contradicts_itself() -> None:
    assert reasons(r.sealed_pages(compose_report_letter(r.report()), signed_json(verdict="red"))) == "red schema report_schema"


def test_a_report_of_a_later_version_is_orange() -> None:
    assert reasons(r.sealed_pages(compose_report_letter(r.report()), signed_json(version=2))) == "orange schema report_version"


@pytest.mark.parametrize("off", [timedelta(minutes=-2), timedelta(minutes=2)])
def test_a_report_signed_before_the_check_or_after_the_seal(off: timedelta) -> None:
    jws = sign_report(r.report(), signer=x.exercise().check_service[1], at=x.NOW + off)
    assert reasons(r.sealed_pages(compose_report_letter(r.report()), jws)) == "red validity report_time"


def test_a_report_of_a_check_on_the_first_day_of_the_calendar() -> None:
    jws = signed_json(validationTime="0001-01-01T00:00:00Z")
    assert reasons(r.sealed_pages(compose_report_letter(r.report()), jws)) == "red page_text page_differs"


def test_a_moment_that_no_calendar_of_ours_has() -> None:
    report = msgspec.structs.replace(r.report(), seal_time=datetime.max.replace(tzinfo=x.NOW.tzinfo, microsecond=0))
    assert reasons(r.saying(report, shown=r.report())) == "red page_text letter_impossible"


def test_a_report_beside_the_data_of_a_document_is_no_document_and_no_report() -> None:
    pdf = x.sealed(x.typeset(x.letter(x.content()), [*x.attachments(x.content()), signed_attachment(r.report())]))
    found = check_document(pdf, trust=x.trust(), at=x.NOW, catalogue=x.catalogue())
    assert found.facts.kind is CheckedKind.DOCUMENT
    assert [step.reason for step in deciding_steps(found)] == ["attachment_name"]


def test_bytes_after_the_end_and_a_later_revision_are_refused() -> None:
    pdf = r.good().pdf
    update = b"1 0 obj\n<<>>\nendobj\nxref\n0 0\ntrailer\n<</Size 1/Prev 0>>\nstartxref\n%d\n%%%%EOF\n" % (len(pdf) + 20)
    assert all(isinstance(verdict(pdf + more), Rejected) for more in (b"\n", b"%%EOF\n", update))


def around_the_signature(pdf: bytes) -> list[int]:
    """Every place of the file but the gap with the signature, in which certificates stand that prove themselves."""
    start, end = read_seal(read_file(pdf)).contents_span
    return [*range(start), *range(end, len(pdf))]


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_no_byte_of_a_sealed_report_can_be_another(place: int, change: int) -> None:
    pdf = bytearray(r.good().pdf)
    places = around_the_signature(r.good().pdf)
    pdf[places[place % len(places)]] ^= change
    assert isinstance(verdict(bytes(pdf)), Rejected)


@pytest.mark.filterwarnings("ignore:Attribute's length")  # cryptography remarks on names in certificates that were changed
@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_byte_in_the_signature_changes_nothing_of_what_a_report_says(place: int, change: int) -> None:
    pdf = bytearray(r.good().pdf)
    start, end = read_seal(read_file(r.good().pdf)).contents_span
    pdf[start + place % (end - start)] ^= change
    found = verdict(bytes(pdf))
    assert not isinstance(found, Verified) or found == verdict(r.good().pdf)


def test_a_report_of_a_key_that_was_taken_back() -> None:
    made = r.made(by=r.reporter(crls=x.exercise().revoked_crls))
    assert reasons(made.pdf) == "red signature credential_revoked"
    assert explain(verdict(made.pdf), "nl").summary == "Het certificaat onder de handtekening van dit rapport was ingetrokken."
