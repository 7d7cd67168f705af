"""Data of a person were wrong: what said so is withdrawn by the person, and receivers, their systems and the person hear of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from litestar.testing import TestClient

from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.watched_documents import WatchedDocuments
from blauweknop.adapters.webhook_outbox import Outbox
from blauweknop.adapters.withdrawn_records import WithdrawnInDatabase
from blauweknop.assembly.sealing import person_keys
from blauweknop.assembly.trust import status_teller
from blauweknop.assembly.verifier_api import look_at_watched
from blauweknop.checking.check_received import check_received
from blauweknop.domain.identifiers import Bsn
from blauweknop.issuer.withdraw import Reason
from blauweknop.register.bundle_publishing import publish_exercise_bundle
from blauweknop.register.exercise_keys import open_exercise_scheme
from tests.source_at_work import SourceAtWork, command, now
from tests.unit.cli.installation import DATASET, exit_of, seal_input
from tests.unit.issuer.source_world import CATALOGUE
from tests.unit.verifier.api.api_world import Client, Clock, application, clients, headers

ANNA, BERT = Bsn.parse("999990019"), Bsn.parse("999992016")
_KEY = RowKey.from_secret(b"k" * 32)
_RED = 2


@dataclass(frozen=True)
class Case:
    """What DUO made for Anna and for Bert."""

    source: SourceAtWork
    document: bytes
    sd_jwt: bytes
    mdoc: bytes
    of_bert: bytes

    def correct(self, folder: Path) -> None:
        (folder / "corrected").write_text(f"{ANNA.digits}\n")
        given = ("--persons-from", folder / "corrected", "--source", "duo", "--dataset", DATASET, "--yes")
        command("withdraw", *given, "--config", self.source.config)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    source = SourceAtWork.begin(tmp_path)
    of_anna, of_bert = (source.seal(input_of(tmp_path, person)) for person in (ANNA, BERT))
    return Case(source, of_anna, source.give_out("dc+sd-jwt", ANNA), source.give_out("mso_mdoc", ANNA), of_bert)


def input_of(folder: Path, person: Bsn) -> Path:
    given = seal_input()
    subject = given["subject"]
    assert isinstance(subject, dict)
    (folder / "in.json").write_text(json.dumps({**given, "subject": {**subject, "bsn": person.digits}}), "utf-8")
    return folder / "in.json"


def test_a_receiver_sees_red_for_the_document_and_both_credentials(case: Case, tmp_path: Path) -> None:
    made = (case.document, case.sd_jwt, case.mdoc, case.of_bert)
    assert [case.source.check(one) for one in made] == ["green"] * 4
    case.correct(tmp_path)
    assert [case.source.check(one) for one in made] == [*["red status withdrawn"] * 3, "green"]


def test_the_command_line_says_red_too(case: Case, tmp_path: Path) -> None:
    case.correct(tmp_path)
    place = case.source.config.parent
    bundle = publish_exercise_bundle(
        open_exercise_scheme(place / "keys"),
        trust_list=(place / "trust-list.json").read_bytes(),
        catalogue=CATALOGUE,
        status_lists=case.source.trust().status_lists,
        at=now(),
    )
    (tmp_path / "lists.json").write_bytes(bundle)
    given = ("--bundle", tmp_path / "lists.json", "--trust-anchor", place / "trust-anchor.pem", "--offline")
    for name, made, code in (("anna.pdf", case.document, _RED), ("anna.sd-jwt", case.sd_jwt, _RED), ("bert.pdf", case.of_bert, 0)):
        (tmp_path / name).write_bytes(made)
        assert exit_of(["verify", str(tmp_path / name), *map(str, given)]) == code


@dataclass(frozen=True)
class Api:
    client: Client
    outbox: Outbox
    watched: WatchedDocuments

    def watch(self, made: bytes) -> str:
        kind = "application/pdf" if made.startswith(b"%PDF") else "application/dc+sd-jwt"
        answer = self.client.post("/v1/verifications?watch=true", content=made, headers=headers(Content_Type=kind)).json()
        assert answer["status"] == "valid"
        return str(answer["id"])

    def told(self) -> dict[str, str]:
        due = self.outbox.take("one", now() + timedelta(hours=1), lease=timedelta(minutes=1))
        assert due is not None
        return dict(due.event.data)


@pytest.fixture
def api(case: Case, tmp_path: Path) -> Iterator[Api]:
    engine = open_database(f"sqlite:///{tmp_path / 'receiver.db'}")
    upgrade(engine)
    app = application(
        Clock(now()),
        known=clients(webhook="https://ontvanger.example/in"),
        database=(engine, _KEY),
        check=lambda data, at: check_received(data, trust=case.source.trust(at), at=at, catalogue=CATALOGUE),
    )
    with TestClient(app, base_url="https://controle.example") as client:
        yield Api(client, Outbox(engine, _KEY), WatchedDocuments(engine, _KEY))
    engine.dispose()


def test_a_system_that_watched_is_told_and_about_others_it_is_not(case: Case, api: Api, tmp_path: Path) -> None:
    watched = {api.watch(case.document), api.watch(case.sd_jwt)}
    api.watch(case.of_bert)
    case.correct(tmp_path)
    assert look_at_watched(api.watched, status_teller(lambda _uri, moment: case.source.trust(moment)), now()) == 2
    told = [api.told(), api.told()]
    assert {message.pop("verificationId") for message in told} == watched
    assert told == [{"dataset": DATASET, "previousStatus": "valid", "status": "withdrawn"}] * 2


def test_the_person_finds_what_was_withdrawn_and_others_find_nothing(case: Case, tmp_path: Path) -> None:
    case.correct(tmp_path)
    with case.source.database() as engine:
        records = WithdrawnInDatabase(engine, "duo", person_keys(case.source.settings))
        found = records.withdrawn_for(ANNA, [DATASET], since=now() - timedelta(minutes=5))
        of_others = records.withdrawn_for(BERT, [DATASET], since=now() - timedelta(minutes=5))
    assert sorted(item.is_credential for item in found) == [False, *[True] * 6]
    assert {item.reason for item in found} == {Reason.CORRECTION}
    assert of_others == []
