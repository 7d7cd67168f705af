import hashlib
import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.adapters.state_files import one_at_a_time
from blauweknop.adapters.trust_store import TrustPlaces, TrustStoreProblem, find_trust_places, load_trust, state_folder
from blauweknop.checking.trust import NO_TRUST, Trust
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.trust_list import TrustList, write_trust_list
from tests.unit.checking import exercise_documents as x
from tests.unit.standards.pki import MESSAGES, Issued, certify

HOUR = timedelta(hours=1)

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


OLD, NEW, THIRD = (certify(name, None, MESSAGES) for name in ("oud", "nieuw", "derde"))


def by(signer: Issued, sequence: int, place: Path) -> TrustPlaces:
    """A list of the operator of these certificates in a file, with the anchors that are beside it."""
    trust_list = TrustList(sequence, x.NOW - HOUR, x.NOW + HOUR, "Proef", ())
    place.write_text(write_trust_list(trust_list, signer=signer.signer(), at=x.NOW))
    return TrustPlaces(str(place), place.parent / "anchor.pem")


def pin(folder: Path, *anchors: Issued) -> None:
    (folder / "anchor.pem").write_bytes(b"".join(anchor.certificate.public_bytes(Encoding.PEM) for anchor in anchors))


def accepted(folder: Path, signer: Issued, sequence: int) -> bool:
    found = load(by(signer, sequence, folder / "list.jws"), folder / "state")
    assert found.problem in (None, "trust_list_rollback", "trust_list_signer_unknown")
    return found.trust_list is not None


def test_the_signer_of_the_list_rolls_over_without_a_gap(tmp_path: Path) -> None:
    pin(tmp_path, OLD)
    assert accepted(tmp_path, OLD, 9)
    assert not accepted(tmp_path, NEW, 10)
    pin(tmp_path, OLD, NEW)
    assert accepted(tmp_path, OLD, 10)
    assert accepted(tmp_path, NEW, 11)
    pin(tmp_path, NEW)
    assert accepted(tmp_path, NEW, 11)
    assert not accepted(tmp_path, OLD, 12)


def test_a_third_signer_is_not_used_while_two_are_pinned(tmp_path: Path) -> None:
    pin(tmp_path, OLD, NEW)
    assert load(by(THIRD, 12, tmp_path / "list.jws"), tmp_path / "state") == Trust(None, "trust_list_signer_unknown")


@pytest.mark.parametrize(("first", "second"), [(OLD, NEW), (NEW, OLD)], ids=["old then new", "new then old"])
def test_two_pinned_signers_share_what_was_seen(tmp_path: Path, first: Issued, second: Issued) -> None:
    pin(tmp_path, OLD, NEW)
    assert accepted(tmp_path, first, 11)
    assert not accepted(tmp_path, second, 10)
    assert accepted(tmp_path, second, 11)


def test_the_order_of_two_pinned_signers_does_not_matter(tmp_path: Path) -> None:
    pin(tmp_path, OLD, NEW)
    assert accepted(tmp_path, NEW, 11)
    pin(tmp_path, NEW, OLD)
    assert not accepted(tmp_path, OLD, 10)


def test_the_signer_that_is_left_remembers_what_the_other_signed(tmp_path: Path) -> None:
    pin(tmp_path, OLD)
    assert accepted(tmp_path, OLD, 11)
    pin(tmp_path, OLD, NEW)
    assert not accepted(tmp_path, NEW, 10)
    pin(tmp_path, NEW)
    assert not accepted(tmp_path, NEW, 10)


def test_a_new_signer_remembers_even_when_the_list_was_out_of_reach(tmp_path: Path) -> None:
    pin(tmp_path, OLD)
    assert accepted(tmp_path, OLD, 11)
    pin(tmp_path, OLD, NEW)
    places = TrustPlaces(ADDRESS, tmp_path / "anchor.pem")
    assert load_trust(places, now=x.NOW, state=tmp_path / "state", fetch=away).problem == "trust_list_unreachable"
    pin(tmp_path, NEW)
    assert not accepted(tmp_path, NEW, 10)


def test_a_signer_of_another_scheme_has_a_memory_of_its_own(tmp_path: Path) -> None:
    pin(tmp_path, OLD)
    assert accepted(tmp_path, OLD, 11)
    pin(tmp_path, THIRD)
    assert accepted(tmp_path, THIRD, 1)


def test_an_older_list_is_not_used_under_another_name(tmp_path: Path) -> None:
    pin(tmp_path, OLD)
    assert accepted(tmp_path, OLD, 9)
    assert load(by(OLD, 8, tmp_path / "other.jws"), tmp_path / "state").problem == "trust_list_rollback"


def test_an_older_list_is_not_used_from_an_address_after_a_file_nor_the_other_way_round(tmp_path: Path) -> None:
    pin(tmp_path, OLD)
    state, address = tmp_path / "state", TrustPlaces(ADDRESS, tmp_path / "anchor.pem")

    def from_address(sequence: int) -> Trust:
        data = Path(by(OLD, sequence, tmp_path / "served.jws").trust_list or "").read_bytes()
        return load_trust(address, now=x.NOW, state=state, fetch=lambda _: data)

    assert accepted(tmp_path, OLD, 9)
    assert from_address(8).problem == "trust_list_rollback"
    assert from_address(10).trust_list is not None
    assert not accepted(tmp_path, OLD, 9)
    assert from_address(9).problem == "trust_list_rollback"
    kept = load_trust(address, now=x.NOW, state=state, fetch=away).trust_list
    assert kept is not None
    assert kept.sequence == 10


def test_an_older_list_is_not_used_in_a_copy_of_the_anchor_elsewhere(tmp_path: Path) -> None:
    pin(tmp_path, OLD)
    assert accepted(tmp_path, OLD, 9)
    (tmp_path / "elsewhere").mkdir()
    pin(tmp_path / "elsewhere", OLD)
    assert load(by(OLD, 8, tmp_path / "elsewhere" / "list.jws"), tmp_path / "state").problem == "trust_list_rollback"


def remembered(state: Path) -> list[int]:
    return [json.loads(file.read_bytes())["sequence"] for file in state.glob("trust-anchor-*.json")]


def test_who_comes_late_with_a_lower_number_does_not_overwrite_a_higher_one(tmp_path: Path) -> None:
    pin(tmp_path, OLD, NEW)
    state = tmp_path / "state"
    assert accepted(tmp_path, OLD, 5)
    found: list[Trust] = []
    lower = by(OLD, 8, tmp_path / "lower.jws")
    with one_at_a_time(state):
        late = Thread(target=lambda: found.append(load(lower, state)))
        late.start()
        for file in state.glob("trust-anchor-*.json"):
            file.write_text('{"sequence": 9}')
    late.join(10)
    assert [trust.problem for trust in found] == ["trust_list_rollback"]
    assert remembered(state) == [9, 9]


REMEMBER = """
import sys
from datetime import datetime
from pathlib import Path
from blauweknop.adapters.trust_store import TrustPlaces, load_trust

folder, now = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
for sequence in map(int, sys.argv[3:]):
    places = TrustPlaces(str(folder / f"list-{sequence}.jws"), folder / "anchor.pem")
    load_trust(places, now=now, state=folder / "state", fetch=None)
"""


def test_processes_that_remember_at_once_end_with_the_highest_number(tmp_path: Path) -> None:
    pin(tmp_path, OLD, NEW)
    for sequence in range(1, 31):
        by(OLD if sequence % 2 else NEW, sequence, tmp_path / f"list-{sequence}.jws")
    orders = (range(1, 31, 2), range(2, 31, 2), range(30, 0, -3))
    commands = [[sys.executable, "-c", REMEMBER, str(tmp_path), x.NOW.isoformat(), *map(str, order)] for order in orders]
    running = [subprocess.Popen(command) for command in commands]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert remembered(tmp_path / "state") == [30, 30]


def test_a_list_that_ran_out_is_read_and_known_to_be_late(tmp_path: Path) -> None:
    pin(tmp_path, OLD)
    places, later = by(OLD, 9, tmp_path / "list.jws"), x.NOW + 2 * HOUR
    found = load_trust(places, now=later, state=tmp_path / "state", fetch=None).trust_list
    assert found is not None
    assert found.stale_at(later)


def test_the_state_folder_follows_the_convention() -> None:
    assert state_folder({"XDG_STATE_HOME": os.sep + "state"}) == Path(os.sep) / "state" / "blauweknop"
    assert state_folder({"HOME": os.sep + "home"}) == Path(os.sep) / "home" / ".local" / "state" / "blauweknop"
