"""A document that somebody fetched for another: the page, the data and the credential name them, or it is red."""

from datetime import date

import pytest

from blauweknop.checking.check_document import check_document
from blauweknop.checking.check_received import check_received
from blauweknop.checking.explaining import limits_of
from blauweknop.checking.report import report_json, report_text
from blauweknop.document.blocks import Paragraph
from blauweknop.document.certified import CREDENTIAL_NAME
from blauweknop.document.content import Content
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_parts import embedded_files
from blauweknop.domain.document import JsonValue
from blauweknop.domain.representation import Capacity, Representative
from blauweknop.domain.verdict import Rejected, Verdict, Verified
from blauweknop.verifier.verdict_page import view_of
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import reduced_documents as r

GUARD = Representative("Şule Đorđević", Capacity.ADMINISTRATOR, date(2027, 3, 1))


def said(**members: JsonValue) -> Content:
    return {**x.content(representative=GUARD), **members}


def verdict(pdf: bytes) -> Verdict:
    return check_document(pdf, trust=x.trust(), at=x.NOW, catalogue=x.catalogue())


def reasons(found: Verdict) -> set[str]:
    assert isinstance(found, Rejected)
    return {step.reason for step in found.facts.steps if step.result == "fail"}


def paragraphs(content: Content) -> list[str]:
    return [block.text for block in x.letter(content).blocks if isinstance(block, Paragraph)]


def test_a_document_that_names_both_is_green_and_says_so() -> None:
    found = verdict(x.document_saying(said()))

    assert isinstance(found, Verified), found.facts.steps
    assert found.content["representative"] == {"name": "Şule Đorđević", "capacity": "bewindvoerder", "until": "2027-03-01"}
    assert report_json("a.pdf", found)["representative"] is True
    assert "Opgehaald door een vertegenwoordiger" in report_text("a.pdf", found, "nl")
    assert "machtiging" in " ".join(limits_of(found, "nl"))
    facts = dict(view_of(found, x.catalogue(), "nl").facts)
    assert facts["Opgehaald door een vertegenwoordiger"] == "Şule Đorđević (bewindvoerder), namens de persoon over wie dit gaat"


def test_the_report_names_nobody() -> None:
    assert "Şule" not in str(report_json("a.pdf", verdict(x.document_saying(said()))))


def test_a_document_of_oneself_says_nothing_of_it() -> None:
    found = verdict(x.good_document())

    assert report_json("a.pdf", found)["representative"] is False
    assert "vertegenwoordiger" not in report_text("a.pdf", found, "nl")
    assert "representative" not in x.content()


def test_the_letter_names_both_in_both_languages() -> None:
    assert "Opgehaald door Şule Đorđević (bewindvoerder), namens Çağla Đorđe van der Łukasz." in paragraphs(said())
    assert "De machtiging geldt tot en met 1 maart 2027." in paragraphs(said())
    english = paragraphs(x.content(representative=GUARD, language="en"))
    assert "Fetched by Şule Đorđević (administrator of property), on behalf of Çağla Đorđe van der Łukasz." in english


def test_a_mandate_without_an_end_says_no_day() -> None:
    content = x.content(representative=Representative("A", Capacity.MENTOR))

    assert not [text for text in paragraphs(content) if "machtiging" in text]


def test_a_page_that_hides_who_fetched_it_is_red() -> None:
    assert reasons(verdict(x.document_saying(said(), shown=x.content()))) == {"page_differs"}


def test_a_page_that_names_another_is_red() -> None:
    other = x.content(representative=Representative("Iemand Anders", Capacity.ADMINISTRATOR, GUARD.until))

    assert reasons(verdict(x.document_saying(said(), shown=other))) == {"page_differs"}


def test_a_credential_that_does_not_name_who_fetched_it_is_red() -> None:
    assert "credential_differs" in reasons(verdict(x.document_saying(said(), sd_jwt=x.credential(x.content()))))


@pytest.mark.parametrize(
    "told",
    [
        {"name": "A"},
        {"name": "A", "capacity": "vriend"},
        {"name": "A", "capacity": "mentor", "until": "morgen"},
        {"name": "A", "capacity": "mentor", "bsn": "900000107"},
        {"name": "A" * 201, "capacity": "mentor"},
        "A",
        None,
    ],
)
def test_a_representative_of_another_form_is_red(told: JsonValue) -> None:
    assert reasons(verdict(x.document_saying(said(representative=told), shown=x.content(), sd_jwt=x.credential(x.content())))) >= {"schema"}


@pytest.mark.parametrize("name", [" A", "A\u202eB", "Andre\u0301"])
def test_a_name_that_was_not_composed_by_the_source_is_red(name: str) -> None:
    told: JsonValue = {"name": name, "capacity": "mentor"}
    found = verdict(x.document_saying(said(representative=told), shown=x.content(), sd_jwt=x.credential(x.content())))

    assert reasons(found) & {"selection_mismatch", "envelope_mismatch"}


def test_a_smaller_version_still_names_who_fetched_it_and_leaves_the_person_to_be_told() -> None:
    found = verdict(r.reduced_from(x.document_saying(said()), ("data.achterstand",)))

    assert isinstance(found, Verified), found.facts.steps
    assert found.content["representative"] == GUARD.as_json()
    assert report_json("a.pdf", found)["representative"] is True
    letter = r.letter(found.content)
    told = [block.text for block in letter.blocks if isinstance(block, Paragraph)]
    assert "Opgehaald door Şule Đorđević (bewindvoerder), namens de persoon over wie dit document gaat." in told


def test_the_credential_of_the_document_alone_tells_it_too() -> None:
    credential = embedded_files(read_file(x.document_saying(said())))[CREDENTIAL_NAME].content
    found = check_received(credential, trust=x.trust(), at=x.NOW, catalogue=x.catalogue())

    assert report_json("a", found)["representative"] is True
