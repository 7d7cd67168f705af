"""A source changes its keys, and then finds that the old ones were stolen: by the commands of docs/roles/source.md, "Changing keys"."""

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.assembly.sealing import key_fingerprint
from blauweknop.domain.identifiers import Bsn
from blauweknop.standards.status_list import INVALID, read_status_list
from blauweknop.standards.x509 import certificates_from_pem
from tests.source_at_work import SourceAtWork, command, now
from tests.unit.cli.installation import DATASET, exit_of, rewrite, seal_input

ANNA = Bsn.parse("999990019")


@dataclass(frozen=True)
class Made:
    """One of each kind, of one pair of keys."""

    document: bytes
    sd_jwt: bytes
    mdoc: bytes

    @classmethod
    def by(cls, source: SourceAtWork, data: Path) -> "Made":
        return cls(source.seal(data), source.give_out("dc+sd-jwt", ANNA), source.give_out("mso_mdoc", ANNA))

    def seen(self, source: SourceAtWork, at: datetime | None = None) -> tuple[str, str, str]:
        return source.check(self.document, at), source.check(self.sd_jwt, at), source.check(self.mdoc, at)


@dataclass(frozen=True)
class Changed:
    """A source that uses its second pair; what was made with the first one, what with the second, and the configuration of before."""

    source: SourceAtWork
    data: Path
    old: Made
    new: Made
    before: str


GREEN = ("green",) * 3


@pytest.fixture
def source(tmp_path: Path) -> SourceAtWork:
    return SourceAtWork.begin(tmp_path)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "in.json").write_text(json.dumps(seal_input()), "utf-8")
    return tmp_path / "in.json"


@pytest.fixture
def changed(source: SourceAtWork, data: Path) -> Changed:
    old, before = Made.by(source, data), source.config.read_text("utf-8")
    assert old.seen(source) == GREEN
    command("keys", "next", source.keys.parent.parent, "duo")
    source.publish_trust_list()
    assert old.seen(source) == GREEN
    use_next_keys(source)
    return Changed(source, data, old, Made.by(source, data), before)


def use_next_keys(source: SourceAtWork) -> None:
    for use in ("seal", "credential"):
        rewrite(source.config, f"sources/duo/{use}-key.pem", f"sources/duo/{use}-2-key.pem")
        rewrite(source.config, f"sources/duo/{use}.pem", f"sources/duo/{use}-2.pem")


def der(file: Path) -> bytes:
    return certificates_from_pem(file.read_bytes())[0].public_bytes(Encoding.DER)


def test_what_was_made_with_the_old_keys_stays_green_beside_what_is_made_with_the_new(changed: Changed) -> None:
    assert changed.old.seen(changed.source) == GREEN
    assert changed.new.seen(changed.source) == GREEN


def test_the_new_keys_sign_and_their_documents_stand_in_lists_of_their_own(changed: Changed) -> None:
    verdicts = [changed.source.verdict(made.document) for made in (changed.old, changed.new)]
    assert verdicts[0].facts.status_uri != verdicts[1].facts.status_uri
    assert der(changed.source.keys / "credential-2.pem") == changed.source.credential_signer().certificate


def test_the_lists_of_the_old_keys_go_on_signed_by_the_new_one(changed: Changed) -> None:
    later = now() + timedelta(minutes=2)
    lists, new = changed.source.trust(later).status_lists, der(changed.source.keys / "credential-2.pem")
    (place,) = {changed.source.verdict(changed.old.document).facts.status_uri}
    assert place is not None
    assert read_status_list(lists[place], uri=place, signers=[new]).signer == new
    assert changed.old.seen(changed.source, later) == GREEN


def test_a_withdrawal_reaches_what_was_made_with_the_old_keys(changed: Changed, tmp_path: Path) -> None:
    (tmp_path / "persons").write_text(ANNA.digits)
    command("withdraw", "--persons-from", tmp_path / "persons", "--source", "duo", "--yes", "--config", changed.source.config)
    assert changed.old.seen(changed.source)[1:] == ("red status withdrawn",) * 2
    assert changed.new.seen(changed.source)[1:] == ("red status withdrawn",) * 2


def test_new_keys_that_the_trust_list_does_not_name_yet_are_not_green(source: SourceAtWork, data: Path) -> None:
    old = Made.by(source, data)
    command("keys", "next", source.keys.parent.parent, "duo")
    use_next_keys(source)
    new = Made.by(source, data)
    for seen in new.seen(source):
        assert seen.startswith("orange ")
        assert "chain signer_unknown" in seen
    source.publish_trust_list()
    assert (old.seen(source), new.seen(source)) == (GREEN, GREEN)


def test_of_stolen_keys_only_sealed_documents_of_before_the_theft_stay_green(changed: Changed) -> None:
    source = changed.source
    stolen_at = next_second()
    thief = made_by_a_thief(changed)
    for use in ("seal", "credential"):
        since = ("--since", stolen_at.isoformat())
        command("withdraw", "--key", source.keys / f"{use}.pem", *since, "--yes", "--config", source.config)
    source.publish_trust_list({der(source.keys / f"{use}.pem"): stolen_at for use in ("seal", "credential")})
    assert changed.old.seen(source) == ("green", "red revocation service_withdrawn", "red revocation service_withdrawn")
    assert [seen.split()[0] for seen in thief.seen(source)] == ["red"] * 3
    assert "issuer service_withdrawn" in thief.seen(source)[0]
    assert changed.new.seen(source) == GREEN


def test_a_stolen_key_makes_nothing_more_at_the_source_and_takes_every_place_along(changed: Changed) -> None:
    source = changed.source
    (place,) = {source.verdict(changed.old.document).facts.status_uri}
    assert place is not None
    command("withdraw", "--key", key_fingerprint(source.keys / "seal.pem").hex(), "--yes", "--config", source.config)
    trust = source.trust()
    found = read_status_list(trust.status_lists[place], uri=place, signers=[source.credential_signer().certificate])
    assert {found.statuses.status(index) for index in range(0, len(found.statuses), 997)} == {INVALID}
    source.config.write_text(changed.before, "utf-8")
    assert exit_of(["seal", str(changed.data), "--dataset", DATASET, "--config", str(source.config), "-o", "x.pdf"]) == 3


def next_second() -> datetime:
    """Time stamps are of whole seconds, so that this is after all that was made up to now."""
    moment = now() + timedelta(seconds=1)
    while now() < moment:
        time.sleep(0.02)
    return moment


def made_by_a_thief(changed: Changed) -> Made:
    """With the old keys, before anybody knows."""
    after = changed.source.config.read_text("utf-8")
    changed.source.config.write_text(changed.before, "utf-8")
    made = Made.by(changed.source, changed.data)
    changed.source.config.write_text(after, "utf-8")
    return made
