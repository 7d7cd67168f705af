import hashlib
import os
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.adapters.trust_store import TrustPlaces, TrustStoreProblem, find_trust_places, load_trust, state_folder
from blauweknop.checking.trust import NO_TRUST, Trust
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.trust_list import write_trust_list
from tests.unit.checking import exercise_documents as x

ADDRESS = "https://register.example/trust-list"
FLAGS = TrustPlaces("flag.json", Path("flag.pem"))
VARIABLES = {"BLAUWEKNOP_TRUST_LIST": "env.json", "BLAUWEKNOP_TRUST_ANCHOR": "env.pem"}


def nothing_configured() -> TrustPlaces:
    return TrustPlaces()


def not_asked() -> TrustPlaces:
    raise AssertionError("the configuration file is not needed")


def signed(sequence: int = 7) -> bytes:
    return write_trust_list(x.trust_list(sequence=sequence), signer=x.exercise().list_signer, at=x.NOW).encode()


def written(folder: Path, sequence: int = 7) -> TrustPlaces:
    (folder / "list.jws").write_bytes(signed(sequence))
    (folder / "anchor.pem").write_bytes(x.exercise().anchor.public_bytes(Encoding.PEM))
    return TrustPlaces(str(folder / "list.jws"), folder / "anchor.pem")


def load(places: TrustPlaces, state: Path) -> Trust:
    return load_trust(places, now=x.NOW, state=state, fetch=None)


def test_what_the_caller_gives_comes_first() -> None:
    assert find_trust_places(FLAGS, environment=VARIABLES, configured=not_asked) == FLAGS


def test_then_the_environment() -> None:
    found = find_trust_places(TrustPlaces(), environment=VARIABLES, configured=not_asked)
    assert found == TrustPlaces("env.json", Path("env.pem"))


def test_then_the_configuration_file() -> None:
    configured = TrustPlaces("settings.json", Path("settings.pem"))
    assert find_trust_places(TrustPlaces(), environment={}, configured=lambda: configured) == configured


def test_each_of_the_two_is_found_by_itself() -> None:
    found = find_trust_places(TrustPlaces("flag.json"), environment={"BLAUWEKNOP_TRUST_ANCHOR": "env.pem"}, configured=not_asked)
    assert found == TrustPlaces("flag.json", Path("env.pem"))


@pytest.mark.parametrize("half", [TrustPlaces("flag.json"), TrustPlaces(None, Path("flag.pem"))])
def test_one_without_the_other_is_a_fault_of_usage(half: TrustPlaces) -> None:
    with pytest.raises(TrustStoreProblem) as raised:
        find_trust_places(half, environment={}, configured=nothing_configured)
    assert "--trust-" in raised.value.remedy


def test_nothing_at_all_means_nobody_is_trusted(tmp_path: Path) -> None:
    assert load(find_trust_places(TrustPlaces(), environment={}, configured=nothing_configured), tmp_path) == NO_TRUST


def test_a_list_by_its_pinned_signer_is_read(tmp_path: Path) -> None:
    places = written(tmp_path)
    digest = hashlib.sha256(Path(str(places.trust_list)).read_bytes()).hexdigest()
    assert load(places, tmp_path / "state") == replace(x.trust(), list_sha256=digest)


def test_a_list_by_another_signer_is_not_used(tmp_path: Path) -> None:
    places = written(tmp_path)
    (tmp_path / "anchor.pem").write_bytes(x.read(x.exercise().seals["duo"]).public_bytes(Encoding.PEM))
    assert load(places, tmp_path / "state") == Trust(None, "trust_list_signer_unknown")


def test_an_older_list_than_was_seen_is_not_used(tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert load(written(tmp_path, 9), state).trust_list is not None
    assert load(written(tmp_path, 8), state) == Trust(None, "trust_list_rollback")
    assert load(written(tmp_path, 9), state).trust_list is not None


def test_what_was_seen_is_for_this_user_only(tmp_path: Path) -> None:
    load(written(tmp_path), tmp_path / "state")
    (kept,) = (tmp_path / "state").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_broken_memory_is_told_and_not_skipped(tmp_path: Path) -> None:
    load(written(tmp_path), tmp_path / "state")
    (kept,) = (tmp_path / "state").iterdir()
    kept.write_text('{"sequence": "many"}')
    with pytest.raises(TrustStoreProblem):
        load(written(tmp_path), tmp_path / "state")


def test_a_memory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file in the place of the folder")
    with pytest.raises(TrustStoreProblem):
        load(written(tmp_path), tmp_path / "state")


@pytest.mark.parametrize("missing", ["list.jws", "anchor.pem"])
def test_a_missing_file_is_a_fault_of_usage_that_names_it(tmp_path: Path, missing: str) -> None:
    places = written(tmp_path)
    (tmp_path / missing).unlink()
    with pytest.raises(TrustStoreProblem, match=missing):
        load(places, tmp_path / "state")


def test_an_anchor_that_is_no_certificate_is_a_fault_of_usage(tmp_path: Path) -> None:
    places = written(tmp_path)
    (tmp_path / "anchor.pem").write_text("hello")
    with pytest.raises(TrustStoreProblem, match=r"anchor\.pem"):
        load(places, tmp_path / "state")


def away(address: str) -> bytes:
    raise BlauweKnopError(f"no answer from {address}")


def test_a_list_from_the_network_is_kept_for_when_it_is_away(tmp_path: Path) -> None:
    places = TrustPlaces(ADDRESS, written(tmp_path).trust_anchor)
    state = tmp_path / "state"
    assert load_trust(places, now=x.NOW, state=state, fetch=lambda _: signed()).trust_list is not None
    assert load_trust(places, now=x.NOW, state=state, fetch=away).trust_list is not None
    assert load_trust(places, now=x.NOW, state=state, fetch=None).trust_list is not None


def test_a_kept_list_grows_stale_like_any_other(tmp_path: Path) -> None:
    places = TrustPlaces(ADDRESS, written(tmp_path).trust_anchor)
    load_trust(places, now=x.NOW, state=tmp_path, fetch=lambda _: signed())
    later = x.NOW + timedelta(days=60)
    kept = load_trust(places, now=later, state=tmp_path, fetch=away).trust_list
    assert kept is not None
    assert kept.stale_at(later)


def test_a_network_that_was_never_there_leaves_it_open(tmp_path: Path) -> None:
    places = TrustPlaces(ADDRESS, written(tmp_path).trust_anchor)
    assert load_trust(places, now=x.NOW, state=tmp_path / "state", fetch=away) == Trust(None, "trust_list_unreachable")


def test_the_state_folder_follows_the_convention() -> None:
    assert state_folder({"XDG_STATE_HOME": os.sep + "state"}) == Path(os.sep) / "state" / "blauweknop"
    assert state_folder({"HOME": os.sep + "home"}) == Path(os.sep) / "home" / ".local" / "state" / "blauweknop"
