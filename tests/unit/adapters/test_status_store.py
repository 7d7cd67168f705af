from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from blauweknop.adapters.status_store import StatusStore
from blauweknop.checking.check_document import check_document
from blauweknop.checking.trust import NO_TRUST, Trust
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Verdict
from blauweknop.standards.status_list import INVALID
from blauweknop.standards.trust_list import ServiceStatus, StatusPeriod
from tests.unit.checking import exercise_documents as x
from tests.unit.checking.test_status import INDEX, URI, document, token, token_in_cbor, trust

HOUR = timedelta(hours=1)


class Issuer:
    """Answers with what it was given, and counts how often it was asked."""

    def __init__(self, *answers: bytes | None) -> None:
        self._answers = [*answers]
        self.asked: list[str] = []

    def __call__(self, uri: str) -> bytes:
        self.asked.append(uri)
        answer = self._answers[min(len(self.asked), len(self._answers)) - 1]
        if answer is None:
            raise BlauweKnopError("silent")
        return answer


def checked(store: StatusStore, at: datetime = x.NOW) -> Verdict:
    return store.check(checking(at), trust({}), at)


def checking(at: datetime) -> Callable[[Trust], Verdict]:
    pdf = document()
    return lambda given: check_document(pdf, trust=given, at=at, catalogue=x.catalogue())


def test_a_list_that_was_not_at_hand_is_fetched(tmp_path: Path) -> None:
    issuer = Issuer(token({}))
    assert checked(StatusStore(state=tmp_path, fetch=issuer)).colour == "green"
    assert issuer.asked == [URI]


def test_a_list_in_cbor_is_fetched_and_kept_as_well(tmp_path: Path) -> None:
    assert checked(StatusStore(state=tmp_path, fetch=Issuer(token_in_cbor({INDEX: INVALID})))).colour == "red"
    assert checked(StatusStore(state=tmp_path, fetch=None)).colour == "red"


def test_how_often_an_issuer_is_asked_does_not_depend_on_how_much_is_checked(tmp_path: Path) -> None:
    issuer = Issuer(token({}))
    store = StatusStore(state=tmp_path, fetch=issuer)
    for minute in range(59):
        store.renew(URI, trust({}), x.NOW + timedelta(minutes=minute))
    assert len(issuer.asked) == 1
    store.renew(URI, trust({}), x.NOW + HOUR)
    assert len(issuer.asked) == 2


def test_a_silent_issuer_is_no_yes(tmp_path: Path) -> None:
    found = checked(StatusStore(state=tmp_path, fetch=Issuer(None)))
    assert (found.colour, found.facts.steps[-1].reason) == ("orange", "status_unknown")


def test_a_silent_issuer_is_not_asked_again_at_once(tmp_path: Path) -> None:
    issuer = Issuer(None)
    store = StatusStore(state=tmp_path, fetch=issuer)
    for second in range(0, 120, 10):
        store.renew(URI, trust({}), x.NOW + timedelta(seconds=second))
    assert len(issuer.asked) == 2


def test_the_last_good_list_counts_until_its_end(tmp_path: Path) -> None:
    store = StatusStore(state=tmp_path, fetch=Issuer(token({}), None))
    assert checked(store).colour == "green"
    assert checked(store, x.NOW + 20 * HOUR).colour == "green"
    late = checked(store, x.NOW + 25 * HOUR)
    assert (late.colour, late.facts.steps[-1].reason) == ("orange", "status_list_expired")


def test_a_newer_list_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    store = StatusStore(state=tmp_path, fetch=Issuer(token({}), token({INDEX: INVALID}, made=x.NOW + HOUR)))
    assert checked(store).colour == "green"
    store.renew_all(trust({}), x.NOW + HOUR)
    assert checked(store, x.NOW + HOUR).colour == "red"


def test_an_older_list_does_not_take_the_place_of_a_newer_one(tmp_path: Path) -> None:
    store = StatusStore(state=tmp_path, fetch=Issuer(token({INDEX: INVALID}), token({}, made=x.NOW - HOUR)))
    assert checked(store).colour == "red"
    store.renew_all(trust({}), x.NOW + 2 * HOUR)
    assert checked(store, x.NOW + 2 * HOUR).colour == "red"


@pytest.mark.parametrize("answer", [b"", b"<html>", token({}, uri=URI + "8"), token({}, signer=x.exercise().credentials["uwv"])])
def test_what_is_no_list_of_this_issuer_does_not_take_the_place_of_one(answer: bytes, tmp_path: Path) -> None:
    store = StatusStore(state=tmp_path, fetch=Issuer(token({}), answer))
    assert checked(store).colour == "green"
    store.renew_all(trust({}), x.NOW + 2 * HOUR)
    assert checked(store, x.NOW + 2 * HOUR).colour == "green"


def test_only_hosts_on_the_trust_list_are_asked(tmp_path: Path) -> None:
    issuer = Issuer(token({}))
    store = StatusStore(state=tmp_path, fetch=issuer)
    for uri in ("https://elders.example/1", "https://duo.example.elders.example/1", "https://[", "duo.example"):
        assert not store.renew(uri, trust({}), x.NOW)
    assert not store.renew(URI, NO_TRUST, x.NOW)
    assert issuer.asked == []


def test_sources_that_share_a_host_each_have_their_own_lists(tmp_path: Path) -> None:
    both = Trust(x.trust_list(*(x.entity(source, hosts=("duo.example",)) for source in (x.UWV, x.DUO))))
    store = StatusStore(state=tmp_path, fetch=Issuer(token({})))
    assert store.check(checking(x.NOW), both, x.NOW).colour == "green"


def test_a_list_by_another_source_of_the_same_host_says_nothing(tmp_path: Path) -> None:
    both = Trust(x.trust_list(*(x.entity(source, hosts=("duo.example",)) for source in (x.UWV, x.DUO))))
    store = StatusStore(state=tmp_path, fetch=Issuer(token({}, signer=x.exercise().credentials["uwv"])))
    found = store.check(checking(x.NOW), both, x.NOW)
    assert (found.colour, found.facts.steps[-1].reason) == ("orange", "status_list_signer")


def test_only_in_an_exercise_this_machine_is_asked(tmp_path: Path) -> None:
    uri, issuer = "http://127.0.0.1:8000/duo/statuslists/7", Issuer(token({}, uri="http://127.0.0.1:8000/duo/statuslists/7"))
    listed = x.trust_list(x.entity(x.DUO, hosts=("127.0.0.1:8000",)))
    store = StatusStore(state=tmp_path, fetch=issuer)
    assert not store.renew(uri, Trust(replace(listed, exercise=False)), x.NOW)
    assert issuer.asked == []
    assert store.renew(uri, Trust(listed), x.NOW)


def changed_key(moment: datetime | None) -> Trust:
    """DUO has a new key beside its old one, which counts no more since a moment; the new key is that of UWV elsewhere."""
    duo = x.entity(x.DUO, hosts=("duo.example",))
    seal, old = duo.services
    new = replace(old, certificates=(x.exercise().credentials["uwv"].certificate,))
    if moment is not None:
        old = replace(old, status=ServiceStatus.WITHDRAWN, since=moment, history=(StatusPeriod(old.status, old.since),))
    return Trust(x.trust_list(replace(duo, services=(seal, old, new))))


def test_a_list_by_a_key_that_counts_no_more_is_asked_for_anew_before_its_time(tmp_path: Path) -> None:
    new, later = x.exercise().credentials["uwv"], x.NOW + timedelta(minutes=5)
    issuer = Issuer(token({}), token({INDEX: INVALID}, signer=new, made=x.NOW + timedelta(minutes=2)))
    store = StatusStore(state=tmp_path, fetch=issuer)
    assert store.check(checking(x.NOW), changed_key(None), x.NOW).colour == "green"
    assert store.check(checking(later), changed_key(None), later).colour == "green"
    assert len(issuer.asked) == 1
    verdict = store.check(checking(later), changed_key(x.NOW + timedelta(minutes=1)), later)
    assert (verdict.facts.status, len(issuer.asked)) == ("withdrawn", 2)


def test_a_list_that_a_thief_dated_ahead_does_not_outlive_the_trust_in_its_key(tmp_path: Path) -> None:
    new, later = x.exercise().credentials["uwv"], x.NOW + timedelta(seconds=70)
    ahead = token({}, made=x.NOW + timedelta(seconds=60))
    store = StatusStore(state=tmp_path, fetch=Issuer(ahead, token({INDEX: INVALID}, signer=new, made=x.NOW + timedelta(seconds=30))))
    assert store.check(checking(x.NOW), changed_key(None), x.NOW).colour == "green"
    assert store.check(checking(later), changed_key(later), later).facts.status == "withdrawn"


def test_a_source_that_keeps_signing_with_a_key_that_counts_no_more_is_asked_once_a_minute(tmp_path: Path) -> None:
    issuer = Issuer(token({}))
    store = StatusStore(state=tmp_path, fetch=issuer)
    store.renew(URI, changed_key(None), x.NOW)
    for second in range(0, 180, 10):
        store.renew(URI, changed_key(x.NOW), x.NOW + timedelta(seconds=60 + second))
    assert len(issuer.asked) == 4


def test_offline_the_list_of_an_earlier_run_is_used(tmp_path: Path) -> None:
    assert checked(StatusStore(state=tmp_path, fetch=Issuer(token({})))).colour == "green"
    assert checked(StatusStore(state=tmp_path, fetch=None)).colour == "green"
    loaded = StatusStore(state=tmp_path, fetch=None)
    loaded.load_kept(trust({}), x.NOW)
    assert loaded.given(trust({})).status_lists == {URI: token_kept(tmp_path)}


def test_a_kept_list_that_was_changed_is_not_used(tmp_path: Path) -> None:
    checked(StatusStore(state=tmp_path, fetch=Issuer(token({}))))
    (file,) = tmp_path.iterdir()
    for broken in (b"", b"\xff\n", file.read_bytes()[:-4], file.read_bytes().replace(b"/7\n", b"/8\n")):
        file.write_bytes(broken)
        assert checked(StatusStore(state=tmp_path, fetch=None)).colour == "orange"


def test_a_folder_that_cannot_be_written_is_no_reason_to_be_without_the_list(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert checked(StatusStore(state=tmp_path / "file", fetch=Issuer(token({})))).colour == "green"


def test_no_more_lists_are_kept_than_there_is_room_for(tmp_path: Path) -> None:
    tokens = {f"{URI}/{number}": token({}, uri=f"{URI}/{number}", count=8) for number in range(70)}
    store = StatusStore(state=tmp_path, fetch=tokens.__getitem__)
    for uri in tokens:
        assert store.renew(uri, trust({}), x.NOW)
    assert len(store.given(trust({})).status_lists) == 64


def token_kept(folder: Path) -> bytes:
    (file,) = folder.iterdir()
    return file.read_bytes().partition(b"\n")[2]


def test_a_newer_list_counts_from_the_moment_that_it_came(tmp_path: Path) -> None:
    later = x.NOW + 2 * HOUR
    store = StatusStore(state=tmp_path, fetch=Issuer(token({}), token({INDEX: INVALID}, made=later)))
    trusted = trust({})
    assert store.check(checking(x.NOW), trusted, x.NOW).colour == "green"
    assert store.renew(URI, trusted, later)
    assert store.check(checking(later), trusted, later).colour == "red"


def test_who_left_the_trust_list_is_not_asked_any_more(tmp_path: Path) -> None:
    issuer = Issuer(token({}))
    store = StatusStore(state=tmp_path, fetch=issuer)
    assert store.renew(URI, trust({}), x.NOW)
    trusted = trust({})
    assert trusted.trust_list is not None
    without = replace(trusted, trust_list=replace(trusted.trust_list, entities=()))
    assert not store.renew(URI, without, x.NOW + 2 * HOUR)
    assert issuer.asked == [URI]
