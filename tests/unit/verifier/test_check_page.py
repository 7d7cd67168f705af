import json
import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from blauweknop.checking.check_document import check_document
from blauweknop.checking.check_received import check_received
from blauweknop.checking.report_composing import CheckedFile
from blauweknop.checking.report_document import MadeReport
from blauweknop.checking.report_letter import grouped
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Verified
from blauweknop.verifier.ports import MakeReport
from blauweknop.verifier.routes import check_portal, check_router
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.unit.checking import credentials, foreign_documents, reduced_documents, report_documents
from tests.unit.checking import exercise_documents as x
from tests.unit.verifier.api.api_world import trust_for

Client = TestClient[Litestar]


class Busy(BlauweKnopError):
    pass


def check(pdf: bytes, at: datetime) -> CheckedFile:
    if pdf == b"%PDF-busy":
        raise Busy("too much at once")
    trust = trust_for(pdf)
    return CheckedFile.of(pdf, check_received(pdf, trust=trust, at=at, catalogue=x.catalogue()), trust)


def application(uploads_per_hour: int, report: MakeReport | None = None) -> Litestar:
    router = check_router(check=check, now=lambda: x.NOW, catalogue=x.catalogue(), uploads_per_hour=uploads_per_hour, report=report)
    settings = WebSettings(csrf_secret="s" * 32, secure=False, exercise=True)
    return web_application([router], settings, portals=(check_portal(),))


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with TestClient(application(1000)) as client:
        yield client


def upload(client: Client, pdf: bytes, language: str = "nl") -> tuple[int, str]:
    answer = client.post(f"/controle?taal={language}", files={"bestand": ("naam van een mens.pdf", pdf, "application/pdf")})
    return answer.status_code, answer.text


def test_the_page_asks_one_question(client: Client) -> None:
    page = client.get("/controle?taal=nl").text
    assert re.findall(r"<h1[^>]*>([^<]*)", page) == ["Is dit document echt?"]
    assert page.count('type="file"') == 1


def test_a_green_document_is_shown_with_its_data(client: Client) -> None:
    status, page = upload(client, x.good_document())
    assert status == 200
    for words in (
        "Ja, dit document is echt",
        "Het komt van DUO",
        "€\u00a012.345,67",
        "Çağla Đorđe van der Łukasz",
        "augustus 1985",
        "Lening",
    ):
        assert words in page


def test_the_report_of_a_check_is_shown_with_the_outcome_that_it_tells_and_without_data(client: Client) -> None:
    status, page = upload(client, report_documents.good().pdf)
    assert status == 200
    for words in (
        "Dit controlerapport is echt, en de uitkomst was groen",
        "groen: dat document was echt",
        grouped(report_documents.digest_of(x.good_document())),
    ):
        assert words in page
    assert 'value="json"' not in page
    assert 'value="report"' in page


def test_a_reduced_document_is_shown_as_one_with_what_is_left(client: Client) -> None:
    status, page = upload(client, reduced_documents.good_reduced())
    assert status == 200
    assert "Dit is een verkorte versie, en wat erin staat is echt" in page
    assert "van der Łukasz" in page
    assert "geboren" not in page


@pytest.mark.parametrize("keep", ["subject.birth_date", "data.fase"])
def test_a_reduced_document_without_a_name_is_shown_too(client: Client, keep: str) -> None:
    status, page = upload(client, reduced_documents.written(reduced_documents.reduced([keep])))
    assert (status, "verkorte versie" in page, "Łukasz" in page) == (200, True, False)


def test_a_green_document_says_what_that_does_not_prove(client: Client) -> None:
    assert "Dit zegt niet dat degene die u het document gaf ook Çağla Đorđe van der Łukasz is." in upload(client, x.good_document())[1]


def test_a_green_document_reads_in_english_too(client: Client) -> None:
    page = upload(client, x.good_document(), "en")[1]
    for words in ("Yes, this document is real", "It comes from DUO", "€12,345.67", "August 1985"):
        assert words in page


def test_a_red_document_gives_reason_and_next_step_and_no_data(client: Client) -> None:
    status, page = upload(client, x.good_document() + b"\n")
    assert status == 200
    assert "Nee, vertrouw dit document niet" in page
    assert "Er is iets achter het einde van het document gezet." in page
    assert "Vraag de persoon om een nieuw document van de bron." in page
    assert "Łukasz" not in page


def test_an_orange_document_shows_no_data(client: Client) -> None:
    page = upload(client, x.sealed(x.good_letter(), stamped=False))[1]
    assert "Wij kunnen het niet zeker zeggen" in page
    assert "Łukasz" not in page


def test_the_name_of_the_file_is_not_shown(client: Client) -> None:
    assert "naam van een mens" not in upload(client, x.good_document())[1]


@pytest.mark.parametrize(
    ("pdf", "status", "words"),
    [
        (b"", 422, "Het bestand is leeg."),
        (b"hello", 422, "Dit bestand is geen pdf."),
        (b"%PDF-1.7\n<</Encrypt 5 0 R>>", 422, "Dit bestand is met een wachtwoord beveiligd."),
        (b"%PDF-1.7" + bytes((20 << 20) + 1), 413, "Dit bestand is te groot."),
        (b"%PDF-1.7" + bytes(25 << 20), 413, "Dit bestand is te groot."),
        (b"%PDF-busy", 503, "De controle is nu erg druk."),
    ],
    ids=["empty", "text", "encrypted", "too large", "far too large", "busy"],
)
def test_a_file_that_cannot_be_checked_gets_one_clear_sentence(client: Client, pdf: bytes, status: int, words: str) -> None:
    found, page = upload(client, pdf)
    assert found == status
    assert words in page
    assert 'type="file"' in page


def test_a_damaged_pdf_gets_a_verdict(client: Client) -> None:
    assert "Dit bestand is niet opgebouwd als een gewaarmerkt document." in upload(client, b"%PDF-1.7\ngarbage")[1]


def test_a_form_without_file_is_told_to_choose(client: Client) -> None:
    answer = client.post("/controle?taal=nl", files={"bestand": ("", b"", "application/octet-stream")})
    assert (answer.status_code, "Kies eerst een bestand." in answer.text) == (422, True)


def token_of(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def save(client: Client, token: str, form: str) -> tuple[int, str, bytes]:
    answer = client.post("/controle/bewaar", data={"token": token, "vorm": form})
    return answer.status_code, answer.headers.get("content-disposition", ""), answer.content


def test_the_data_can_be_saved(client: Client) -> None:
    token = token_of(upload(client, x.good_document())[1])
    status, name, body = save(client, token, "json")
    assert (status, name) == (200, 'attachment; filename="gegevens.json"')
    assert json.loads(body) == x.content()
    assert save(client, token, "csv")[2].decode("utf-8-sig").startswith("path,value")


def test_the_report_can_be_saved_and_holds_no_data(client: Client) -> None:
    body = save(client, token_of(upload(client, x.good_document())[1]), "report")[2]
    assert json.loads(body)["verdict"] == "green"
    assert "Łukasz" not in body.decode()


def test_the_data_of_a_red_document_cannot_be_saved(client: Client) -> None:
    token = token_of(upload(client, x.good_document() + b"\n")[1])
    assert save(client, token, "json")[0] == 410
    assert save(client, token, "report")[0] == 200


def test_an_outcome_that_is_gone_says_what_to_do(client: Client) -> None:
    status, _, body = save(client, "nothing", "json")
    assert status == 410
    assert "Wij bewaren een uitkomst 10 minuten." in body.decode()


def test_the_verdict_is_not_kept_by_the_browser(client: Client) -> None:
    answer = client.post("/controle", files={"bestand": ("a.pdf", x.good_document(), "application/pdf")})
    assert answer.headers["cache-control"] == "no-store"


def test_too_many_uploads_are_asked_to_wait() -> None:
    with TestClient(application(2)) as client:
        found = [upload(client, b"")[0] for _ in range(3)]
    assert found == [422, 422, 429]


def test_an_unknown_sender_is_named_as_it_names_itself(client: Client) -> None:
    page = upload(client, x.stranger_document("<b>DUO</b>"))[1]
    assert "op naam van “&lt;b&gt;DUO&lt;/b&gt;”, maar staat niet op de vertrouwenslijst. Die naam bewijst niets" in page
    assert "Komt van" not in page


def test_a_green_page_says_nothing_of_the_name_in_the_seal(client: Client) -> None:
    assert "op naam van" not in upload(client, x.good_document())[1]


def test_a_credential_is_shown_with_its_data(client: Client) -> None:
    status, page = upload(client, credentials.of_document().encode())
    assert status == 200
    for words in ("Ja, dit bewijs is echt", "Het komt van DUO", "€\u00a012.345,67", "Çağla Đorđe van der Łukasz"):
        assert words in page


def test_a_credential_of_a_wallet_is_not_taken_for_its_holder(client: Client) -> None:
    page = upload(client, credentials.of_wallet().encode())[1]
    assert "Niet is bewezen dat die het zelf geeft." in page
    assert "Łukasz" not in page


def test_a_letter_that_others_sealed_says_what_is_proved_and_what_is_not(client: Client) -> None:
    status, page = upload(client, foreign_documents.sealed(foreign_documents.letter(), foreign_documents.stranger()))
    assert status == 200
    for words in ("Geen Blauwe Knop-document", "Het zegel op dit bestand is heel", "Vraag de bron om een Blauwe Knop-document", "Proef"):
        assert words in page
    assert "Ja, dit document is echt" not in page
    assert "Bewaar als JSON" not in page


class Reports:
    """Makes reports and counts them; fails when told to."""

    def __init__(self) -> None:
        self.made: list[tuple[CheckedFile, datetime, str]] = []
        self.failing = False

    def __call__(self, checked: CheckedFile, at: datetime, language: str) -> MadeReport:
        if self.failing:
            raise Busy("no time stamp")
        self.made.append((checked, at, language))
        return report_documents.made(checked, language=language)


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
def reporting(reports: Reports) -> Iterator[Client]:
    with TestClient(application(1000, reports)) as client:
        yield client


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("tail", [b"", b"\n"], ids=["green", "red"])
def test_the_sealed_report_can_be_saved_in_the_language_of_the_page(
    reporting: Client, reports: Reports, language: str, tail: bytes
) -> None:
    pdf = x.good_document() + tail
    token = token_of(upload(reporting, pdf, language)[1])
    answers = [reporting.post(f"/controle/bewaar?taal={language}", data={"token": token, "vorm": "pdf"}) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["Content-Type"] == "application/pdf"
    assert answers[0].headers["Content-Disposition"] == 'attachment; filename="controlerapport.pdf"'
    ((checked, at, asked),) = reports.made
    assert (checked.sha256, at, asked) == (report_documents.digest_of(pdf), x.NOW, language)
    verdict = check_document(answers[0].content, trust=report_documents.trust(issued=x.NOW), at=x.NOW, catalogue=x.catalogue())
    assert isinstance(verdict, Verified)


def test_without_a_key_there_is_no_button_and_no_report(client: Client) -> None:
    _, page = upload(client, x.good_document())
    assert 'value="pdf"' not in page
    assert client.post("/controle/bewaar", data={"token": token_of(page), "vorm": "pdf"}).status_code == 410


def test_a_report_that_cannot_be_made_now_is_said(reporting: Client, reports: Reports) -> None:
    _, page = upload(reporting, x.good_document())
    reports.failing = True
    answer = reporting.post("/controle/bewaar?taal=nl", data={"token": token_of(page), "vorm": "pdf"})
    assert answer.status_code == 503
    assert "Er kan nu geen controlerapport worden gemaakt." in answer.text


def test_a_report_under_another_token_is_not_there(reporting: Client) -> None:
    assert reporting.post("/controle/bewaar", data={"token": "guess", "vorm": "pdf"}).status_code == 410
