import base64
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from blauweknop.checking.check_document import check_document
from blauweknop.checking.report_composing import CheckedFile
from blauweknop.checking.report_document import MadeReport
from blauweknop.checking.signed_report import parse_report, report_of, verify_report
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Verified
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import report_documents
from tests.unit.verifier.api.api_world import World, headers, world

NO_STAMP = b"%PDF-no-stamp"


def make(checked: CheckedFile, at: datetime, language: str) -> MadeReport:
    if checked.sha256 == report_documents.digest_of(NO_STAMP):
        raise BlauweKnopError("no time stamp")
    return report_documents.made(checked, language=language, at=at)


@pytest.fixture(scope="module")
def api() -> Iterator[World]:
    with world(requests_per_hour=100_000, report=make) as opened:
        yield opened


def verify(api: World, query: str, file: bytes | None = None, **given: str) -> Any:
    content = x.good_document() if file is None else file
    return api.client.post(f"/v1/verifications{query}", content=content, headers=headers(**given))


def judged(pdf: bytes) -> Any:
    return check_document(pdf, trust=report_documents.trust(issued=x.NOW), at=x.NOW, catalogue=x.catalogue())


@pytest.mark.parametrize("tail", [b"", b"\n"], ids=["green", "red"])
def test_a_sealed_report_tells_of_the_file_and_the_outcome(api: World, tail: bytes) -> None:
    file = x.good_document() + tail
    said = verify(api, "?withReport=pdf&language=en", file).json()
    verdict = judged(base64.b64decode(said["reportPdf"]))
    assert isinstance(verdict, Verified)
    told = verdict.facts.reported
    assert told is not None
    assert (told.sha256, told.verdict) == (report_documents.digest_of(file), said["verdict"])


def test_the_signed_report_alone_is_the_one_in_the_letter(api: World) -> None:
    said = verify(api, "?withReport=json&language=en").json()
    assert "reportPdf" not in said
    told = report_of(verify_report(parse_report(json.dumps(said["report"]).encode())))
    assert (told.language, told.signers_document.digest_value) == ("en", report_documents.digest_of(x.good_document()))


def test_without_being_asked_no_report_is_made(api: World) -> None:
    assert {"report", "reportPdf"}.isdisjoint(verify(api, "").json())


def test_who_wants_a_report_waits_for_it(api: World) -> None:
    answer = verify(api, "?withReport=json", Prefer="respond-async")
    assert (answer.status_code, "preference-applied" in answer.headers) == (201, False)
    assert "report" in answer.json()


def test_a_report_is_not_kept(api: World) -> None:
    place = verify(api, "?withReport=pdf").headers["location"]
    assert {"report", "reportPdf"}.isdisjoint(api.client.get(place, headers=headers()).json())


def test_a_report_that_cannot_be_made_now_is_asked_for_again(api: World) -> None:
    answer = verify(api, "?withReport=json", NO_STAMP)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
