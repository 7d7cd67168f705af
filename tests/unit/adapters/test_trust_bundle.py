from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from blauweknop.adapters.scheme_settings import SchemeSettings
from blauweknop.adapters.status_store import StatusStore
from blauweknop.adapters.trust_store import LoadedTrust, TrustPlaces, TrustStoreProblem, find_trust_places, load_trust_and_bundle
from blauweknop.assembly.trust import KeptTrust
from blauweknop.checking.check_received import check_received
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Verdict, Verified
from blauweknop.standards.status_list import INVALID
from tests.unit.adapters.bundles import bundled, listed, places
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x

ELSEWHERE = "https://elders.example/1"


def load(given: TrustPlaces, state: Path) -> LoadedTrust:
    return load_trust_and_bundle(given, now=x.NOW, state=state, fetch=None)


def verdict(loaded: LoadedTrust, state: Path) -> Verdict:
    """Without a network: on the credential of a document whose status is in the list of the bundle."""
    store = StatusStore(state=state, fetch=None)
    store.load_kept(loaded.trust, x.NOW)
    data = c.of_document().encode()
    return store.check(lambda given: check_received(data, trust=given, at=x.NOW, catalogue=x.catalogue()), loaded.trust, x.NOW)


def test_a_bundle_and_its_anchor_are_all_that_a_check_needs(tmp_path: Path) -> None:
    loaded = load(places(tmp_path, bundled()), tmp_path / "state")
    assert loaded.bundle_problem is None
    assert isinstance(verdict(loaded, tmp_path / "state"), Verified)


def test_a_withdrawal_in_a_bundle_counts(tmp_path: Path) -> None:
    loaded = load(places(tmp_path, bundled(lists={c.URI: c.status_list({c.INDEX: INVALID})})), tmp_path / "state")
    assert c.against(verdict(loaded, tmp_path / "state")) == ["red status withdrawn"]


@pytest.mark.parametrize(("at_hand", "inside"), [(8, 7), (7, 8)])
def test_the_newer_list_counts(tmp_path: Path, at_hand: int, inside: int) -> None:
    given = places(tmp_path, bundled(trust_list=listed(inside)), trust_list=listed(at_hand))
    found = load(given, tmp_path / "state").trust.trust_list
    assert found is not None
    assert found.sequence == 8


def test_a_bundle_beside_the_trust_list_is_used_without_being_asked(tmp_path: Path) -> None:
    given = places(tmp_path, None, trust_list=listed())
    assert not load(given, tmp_path / "state").trust.status_lists
    (tmp_path / "bundle.json").write_bytes(bundled())
    assert c.URI in load(given, tmp_path / "state").trust.status_lists


def test_a_bundle_of_another_signer_is_not_used(tmp_path: Path) -> None:
    foreign = bundled(signer=x.exercise().credentials["duo"])
    loaded = load(places(tmp_path, foreign, trust_list=listed()), tmp_path / "state")
    assert (loaded.bundle_problem, dict(loaded.trust.status_lists)) == ("bundle_signer_unknown", {})
    assert loaded.trust.trust_list is not None


def test_a_file_without_end_is_read_no_further_than_a_bundle_or_list_may_go(tmp_path: Path) -> None:
    endless = replace(places(tmp_path, bundled()), trust_list="/dev/zero", bundle="/dev/zero")
    loaded = load(endless, tmp_path / "state")
    assert (loaded.bundle_problem, loaded.trust.problem) == ("bundle_malformed", "trust_list_malformed")


def test_a_bundle_that_is_not_used_leaves_nobody_to_trust_where_there_is_no_other_list(tmp_path: Path) -> None:
    loaded = load(places(tmp_path, b"{}"), tmp_path / "state")
    assert (loaded.bundle_problem, loaded.trust.trust_list, loaded.trust.problem) == ("bundle_malformed", None, "trust_list_malformed")


def test_a_trust_list_of_another_signer_in_a_good_bundle_is_not_used(tmp_path: Path) -> None:
    swapped = bundled(trust_list=listed(99, signer=x.exercise().credentials["duo"]))
    alone = load(places(tmp_path / "a", swapped), tmp_path / "state")
    assert (alone.bundle_problem, alone.trust.problem) == (None, "trust_list_signer_unknown")
    beside = load(places(tmp_path / "b", swapped, trust_list=listed()), tmp_path / "state").trust.trust_list
    assert beside is not None
    assert beside.sequence == 7


def test_an_older_trust_list_in_a_newer_bundle_is_not_used(tmp_path: Path) -> None:
    load(places(tmp_path, None, trust_list=listed(8)), tmp_path / "state")
    again = load(places(tmp_path / "later", bundled(trust_list=listed(7))), tmp_path / "state")
    assert again.trust.problem == "trust_list_rollback"


def test_an_older_bundle_than_one_seen_before_is_not_used(tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert load(places(tmp_path, bundled()), state).bundle_problem is None
    assert load(places(tmp_path, bundled()), state).bundle_problem is None
    older = bundled(made=x.NOW - timedelta(minutes=3))
    assert load(places(tmp_path, older), state).bundle_problem == "bundle_rollback"


def test_a_memory_of_before_there_were_bundles_is_still_read(tmp_path: Path) -> None:
    state = tmp_path / "state"
    load(places(tmp_path, None, trust_list=listed(8)), state)
    (memory,) = state.glob("trust-anchor-*.json")
    memory.write_text('{"sequence": 9}')
    assert load(places(tmp_path, bundled()), state).trust.problem == "trust_list_rollback"


def test_the_trust_list_of_a_bundle_that_ended_lives_by_its_own_date(tmp_path: Path) -> None:
    ended = bundled(made=x.NOW - timedelta(days=9), ends=x.NOW - timedelta(days=8), lists={})
    loaded = load(places(tmp_path, ended), tmp_path / "state")
    assert c.against(verdict(loaded, tmp_path / "state")) == ["orange status status_unknown"]
    stale = bundled(trust_list=listed(issued=x.NOW - timedelta(days=31)))
    loaded = load(places(tmp_path, stale), tmp_path / "state")
    assert c.against(verdict(loaded, tmp_path / "state")) == ["orange trust_list trust_list_stale"]


def test_a_status_list_of_a_bundle_counts_until_its_own_end(tmp_path: Path) -> None:
    old = bundled(lists={c.URI: c.status_list(made=x.NOW - timedelta(days=2))})
    loaded = load(places(tmp_path, old), tmp_path / "state")
    assert c.against(verdict(loaded, tmp_path / "state")) == ["orange status status_list_expired"]


@pytest.mark.parametrize("first", ["fetched", "bundled"])
def test_of_two_status_lists_the_newer_counts(tmp_path: Path, first: str) -> None:
    older = c.status_list(made=x.NOW - timedelta(minutes=9))
    newer = c.status_list({c.INDEX: INVALID}, made=x.NOW - timedelta(minutes=1))
    kept, offered = (newer, older) if first == "fetched" else (older, newer)
    loaded = load(places(tmp_path, bundled(lists={c.URI: offered})), tmp_path / "state")
    store = StatusStore(state=tmp_path / "state", fetch=lambda _: kept)
    store.renew(c.URI, loaded.trust, x.NOW)
    store.take_up(loaded.trust, x.NOW)
    assert store.given(loaded.trust).status_lists[c.URI] == newer


def test_a_kept_status_list_of_an_earlier_run_is_not_replaced_by_an_older_one_in_a_bundle(tmp_path: Path) -> None:
    state = tmp_path / "state"
    newer = c.status_list({c.INDEX: INVALID}, made=x.NOW - timedelta(minutes=1))
    loaded = load(places(tmp_path, bundled(lists={c.URI: c.status_list(made=x.NOW - timedelta(minutes=9))})), state)
    StatusStore(state=state, fetch=lambda _: newer).renew(c.URI, loaded.trust, x.NOW)
    assert c.against(verdict(loaded, state)) == ["red status withdrawn"]


@pytest.mark.parametrize("elsewhere", [c.status_list(uri=ELSEWHERE), b"e30.e30.aa"], ids=["of another host", "of nobody"])
def test_a_status_list_of_another_host_says_nothing(tmp_path: Path, elsewhere: bytes) -> None:
    loaded = load(places(tmp_path, bundled(lists={ELSEWHERE: elsewhere})), tmp_path / "state")
    assert c.against(verdict(loaded, tmp_path / "state")) == ["orange status status_unknown"]


def test_a_status_list_of_one_host_in_the_place_of_another_says_nothing(tmp_path: Path) -> None:
    loaded = load(places(tmp_path, bundled(lists={c.URI: c.status_list(uri=ELSEWHERE)})), tmp_path / "state")
    assert c.against(verdict(loaded, tmp_path / "state")) == ["orange status status_list_subject"]


def test_a_bundle_that_is_not_there_is_a_fault_of_usage(tmp_path: Path) -> None:
    given = replace(places(tmp_path, bundled()), bundle=str(tmp_path / "absent.json"))
    with pytest.raises(TrustStoreProblem, match=r"absent\.json"):
        load(given, tmp_path / "state")


def test_a_bundle_of_the_network_is_kept_for_when_that_is_away(tmp_path: Path) -> None:
    given = replace(places(tmp_path, bundled()), bundle="https://register.example/bundle.json")
    assert load(given, tmp_path / "state").bundle_problem == "bundle_unreachable"
    load_trust_and_bundle(given, now=x.NOW, state=tmp_path / "state", fetch=lambda _: bundled())

    def away(_: str) -> bytes:
        raise BlauweKnopError("away")

    assert load_trust_and_bundle(given, now=x.NOW, state=tmp_path / "state", fetch=away).trust.status_lists


def test_a_bundle_without_an_anchor_is_a_fault_of_usage() -> None:
    with pytest.raises(TrustStoreProblem, match="no trust anchor"):
        find_trust_places(TrustPlaces(bundle="bundle.json"), environment={}, configured=TrustPlaces)


def test_a_bundle_and_its_anchor_need_no_list() -> None:
    given = TrustPlaces(None, Path("anchor.pem"))
    found = find_trust_places(given, environment={"BLAUWEKNOP_BUNDLE": "bundle.json"}, configured=TrustPlaces)
    assert found == TrustPlaces(None, Path("anchor.pem"), "bundle.json")


def test_a_server_keeps_the_last_good_bundle_in_use_until_its_parts_end(tmp_path: Path) -> None:
    given = places(tmp_path, bundled(), trust_list=listed())
    assert given.trust_list is not None
    assert given.trust_anchor is not None
    scheme = SchemeSettings("exercise", "", "", given.trust_list, given.trust_anchor, bundle=given.bundle)
    trust, store = KeptTrust(scheme, state=tmp_path / "state", fetch=None), StatusStore(state=tmp_path / "state", fetch=None)

    def check(at: datetime) -> list[str]:
        data = c.of_document().encode()
        found = store.check(lambda now: check_received(data, trust=now, at=at, catalogue=x.catalogue()), trust(at), at)
        return c.against(found)

    assert check(x.NOW) == []
    (tmp_path / "given.json").write_bytes(b"broken on its way")
    assert check(x.NOW + timedelta(hours=23)) == []
    assert check(x.NOW + timedelta(hours=25)) == ["orange status status_list_expired"]
