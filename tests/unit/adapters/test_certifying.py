import hashlib
import itertools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from blauweknop.adapters.certifying import new_certifier, time_stamper
from blauweknop.adapters.keys import KeyProblem
from blauweknop.assembly.sealing import RevocationFiles
from blauweknop.document.certified import Certifier
from blauweknop.document.typesetting import Typesetter
from blauweknop.domain.document import SourceIdentity
from blauweknop.domain.identifiers import Oin
from blauweknop.register.exercise_keys import TIME_STAMP_POLICY, ExerciseScheme, KeyHolder, new_exercise_scheme, renew_crls
from blauweknop.standards.pades import parse_cms
from blauweknop.standards.time_stamp_authority import TimeStampAuthority

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DIGEST = hashlib.sha256(b"document").digest()
_OIN = Oin("00000099000000009000")


@dataclass
class World:
    """A source whose lists and clock a test may change."""

    scheme: ExerciseScheme
    lists: Sequence[bytes]
    now: datetime = NOW
    serials: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1 << 70))

    def certifier(self) -> Certifier:
        authority = TimeStampAuthority(
            self.scheme.time_stamp_signer(), policy=TIME_STAMP_POLICY, now=lambda: self.now, serial=self.serials.__next__
        )
        return new_certifier(
            SourceIdentity("proef", "duo", _OIN, "Proefbron", "Proefbron"),
            seal_signer=self.scheme.seal_signer("proef"),
            credential_signer=self.scheme.credential_signer("proef"),
            revocation=lambda: self.lists,
            time_stamp=time_stamper(authority.respond),
            issuer_url="https://proef.example",
            accent="#000000",
            check_url="https://controle.example",
            exercise=True,
            typesetter=Typesetter(),
            now=lambda: self.now,
        )


@pytest.fixture
def world(tmp_path: Path) -> World:
    scheme = new_exercise_scheme(tmp_path / "keys", [KeyHolder(_OIN, "Proefbron", "NTRNL-90000000", "proef")], now=NOW)
    return World(scheme, scheme.crls())


def test_a_seal_with_a_time_stamp_is_of_level_b_t(world: World) -> None:
    assert world.certifier().seal(DIGEST).level == "B-T"


def test_lists_that_changed_are_in_the_next_seal(world: World) -> None:
    certifier = world.certifier()
    first = parse_cms(certifier.seal(DIGEST).cms).crls
    renew_crls(world.scheme.folder, now=NOW + timedelta(days=2))
    world.lists, world.now = world.scheme.crls(), NOW + timedelta(days=3)
    second = parse_cms(certifier.seal(DIGEST).cms).crls
    assert first != second
    assert set(second) == set(world.lists)


def test_a_list_past_its_next_update_seals_nothing(world: World) -> None:
    certifier = world.certifier()
    ends = x509.load_der_x509_crl(world.lists[0]).next_update_utc
    assert ends is not None
    world.now = ends
    certifier.seal(DIGEST)
    world.now = ends + timedelta(seconds=1)
    with pytest.raises(KeyProblem, match="past its next update") as refused:
        certifier.seal(DIGEST)
    assert "fetch fresh lists" in refused.value.remedy


def test_a_list_that_cannot_be_read_seals_nothing(world: World) -> None:
    world.lists = (b"no list",)
    with pytest.raises(KeyProblem, match="cannot be read"):
        world.certifier().seal(DIGEST)


def test_revocation_files_are_the_same_lists_until_one_changes(tmp_path: Path) -> None:
    clock = [10.0]
    files = _files(tmp_path, lambda: clock[0])
    first = files()
    clock[0] += 5
    assert files() is first


def test_a_changed_revocation_file_is_read_within_a_second(tmp_path: Path) -> None:
    clock = [10.0]
    files = _files(tmp_path, lambda: clock[0])
    assert files() == (b"one",)
    (tmp_path / "a.crl").write_bytes(b"two")
    os.utime(tmp_path / "a.crl", ns=(1, 1))
    clock[0] += 1.1
    assert files() == (b"two",)


def test_a_revocation_file_that_went_away_is_an_error(tmp_path: Path) -> None:
    clock = [10.0]
    files = _files(tmp_path, lambda: clock[0])
    files()
    (tmp_path / "a.crl").unlink()
    clock[0] += 1.1
    with pytest.raises(KeyProblem, match=r"a\.crl cannot be read"):
        files()


def _files(folder: Path, monotonic: Callable[[], float]) -> RevocationFiles:
    (folder / "a.crl").write_bytes(b"one")
    return RevocationFiles([folder / "a.crl"], monotonic=monotonic)
