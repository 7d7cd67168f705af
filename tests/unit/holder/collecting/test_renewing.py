"""New copies of what runs low come without a login, as long as nothing changed (ADR 0033)."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from blauweknop.domain.document import NoData, Unavailable
from blauweknop.domain.verdict import Verdict
from blauweknop.holder.collecting.connection_secrets import ConnectionSecrets
from blauweknop.holder.collecting.ports import Answer, SourceProblem
from blauweknop.holder.collecting.renewing import renew_copies, to_renew
from blauweknop.holder.collecting.showing import shown_sources
from blauweknop.holder.credential_copies import CredentialCopies
from blauweknop.holder.credentials import NoCopy, kept_credentials, take_copy
from blauweknop.holder.items import CredentialItem
from blauweknop.holder.keeping import items_of
from blauweknop.holder.vault import ItemHead
from tests.unit.holder.collecting.collecting_world import CollectingWorld, changed_json, judged, red
from tests.unit.issuer.source_world import CATALOGUE, DEBT, GRANT, changed, found

RECEIVER = "x509_hash:ontvanger"
BUSY = Answer(503, {}, b'{"error":"temporarily_unavailable"}')
Way = Answer | SourceProblem | Callable[[Answer], Answer]


class Person:
    """Somebody who fetched two copies of each credential, and what becomes of them."""

    def __init__(self, here: CollectingWorld) -> None:
        self.here = here
        self.connection = here.come_back(DEBT, GRANT)
        here.work(self.connection)

    def renew(self, *, later: timedelta = timedelta(minutes=2)) -> None:
        self.here.issuer.world.later(minutes=later // timedelta(minutes=1))
        renew_copies(self.connection, self.here.vault, self.here.services)

    def credential(self, dataset: str = DEBT.id) -> tuple[ItemHead, CredentialItem, CredentialCopies]:
        for head, item in items_of(self.here.vault):
            if isinstance(item, CredentialItem) and item.dataset == dataset:
                read = self.here.vault.read(head.id)
                assert read is not None
                return head, item, CredentialCopies.from_bytes(read[1])
        raise LookupError(dataset)

    @property
    def unused(self) -> tuple[int, int]:
        return self.credential()[1].unused, self.credential(GRANT.id)[1].unused

    def take(self, dataset: str = DEBT.id) -> str:
        return take_copy(self.credential(dataset)[0].id, self.here.vault, receiver=RECEIVER, at=self.here.now).credential

    @property
    def secrets(self) -> ConnectionSecrets:
        return ConnectionSecrets.from_bytes(self.here.secrets(self.connection))


@pytest.fixture
def person(here: CollectingWorld) -> Person:
    return Person(here)


def test_new_copies_come_to_the_ones_that_are_left(person: Person) -> None:
    before = person.credential()[2].unused
    person.renew()
    after = person.credential()[2].unused
    assert person.unused == (4, 4)
    assert [copy.credential for copy in after[:2]] == [copy.credential for copy in before]


def test_copies_that_were_used_stay_used(person: Person) -> None:
    used = person.take()
    person.renew()
    copies = person.credential()[2]
    assert [one.credential for one in copies.used] == [used]
    assert used not in {copy.credential for copy in copies.unused}


def test_what_was_used_up_can_be_shared_again(person: Person) -> None:
    for _ in range(2):
        person.take()
    with pytest.raises(NoCopy):
        person.take()
    person.renew()
    assert person.take()


def test_it_can_be_done_again_and_again_and_each_refresh_token_counts_once(person: Person) -> None:
    seen = {person.secrets.refresh}
    for _ in range(3):
        person.renew()
        seen.add(person.secrets.refresh)
        while person.credential()[1].unused:
            person.take()
    assert len(seen) == 4


def test_only_what_runs_low_is_asked(person: Person) -> None:
    person.renew()
    for _ in range(3):
        person.take()
    person.renew()
    assert person.unused == (3, 4)


def test_what_is_not_low_is_not_asked_at_all(person: Person) -> None:
    person.renew()
    sent = len(person.here.wire.sent)
    person.renew()
    assert len(person.here.wire.sent) == sent
    assert to_renew(items_of(person.here.vault), person.here.now) == ()


def test_nobody_asks_twice_in_a_minute(person: Person) -> None:
    person.here.wire.instead["/token"] = SourceProblem("silent", "nothing")
    person.renew()
    assert to_renew(items_of(person.here.vault), person.here.now) == ()
    person.here.issuer.world.later(minutes=2)
    assert to_renew(items_of(person.here.vault), person.here.now) == (person.connection,)


def test_data_that_changed_need_a_login_and_the_old_copies_stay(person: Person) -> None:
    person.here.issuer.world.answers[DEBT.id] = changed(found(DEBT), schuldsaldo_inclusief_rente=1)
    person.here.issuer.world.answers[GRANT.id] = NoData()
    person.renew()
    assert (person.unused, person.credential()[1].needs_login) == ((2, 2), True)
    assert to_renew(items_of(person.here.vault), person.here.now + timedelta(hours=1)) == ()


def test_of_what_changed_only_that_needs_a_login(person: Person) -> None:
    person.here.issuer.world.answers[DEBT.id] = NoData()
    person.renew()
    person.renew()
    assert [person.credential(dataset)[1].needs_login for dataset in (DEBT.id, GRANT.id)] == [True, False]
    assert person.unused == (2, 4)


def test_fetching_anew_makes_everything_right(person: Person) -> None:
    person.here.issuer.world.answers |= {DEBT.id: NoData(), GRANT.id: NoData()}
    person.renew()
    person.here.issuer.world.answers |= {DEBT.id: found(DEBT), GRANT.id: found(GRANT)}
    again = Person(person.here)
    again.renew()
    assert (again.unused, again.credential()[1].needs_login) == ((4, 4), False)


@pytest.mark.parametrize("end", ["/token", "/credential", "/openid-credential-issuer/duo"])
@pytest.mark.parametrize("instead", [SourceProblem("silent", "nothing"), BUSY], ids=["silent", "busy"])
def test_a_source_that_does_not_answer_changes_nothing_for_the_person(person: Person, end: str, instead: Way) -> None:
    person.here.wire.instead[end] = instead
    person.renew()
    assert (person.unused, person.credential()[1].needs_login) == ((2, 2), False)


def test_systems_of_the_source_that_do_not_answer_are_asked_another_time(person: Person) -> None:
    person.here.issuer.world.answers |= {DEBT.id: Unavailable("timeout"), GRANT.id: Unavailable("timeout")}
    person.renew()
    person.here.issuer.world.answers |= {DEBT.id: found(DEBT), GRANT.id: found(GRANT)}
    person.renew()
    assert person.unused == (4, 4)


def test_after_ninety_days_a_login_is_needed(person: Person) -> None:
    person.renew(later=timedelta(days=90))
    assert person.credential()[1].needs_login


def test_a_copy_that_is_not_right_is_not_kept(person: Person) -> None:
    def check(data: bytes, at: datetime) -> Verdict:
        return red("x") if not data.startswith(b"%PDF") else judged(data, at)

    person.here.check = check
    person.renew()
    assert (person.unused, person.credential()[1].needs_login) == ((2, 2), True)


def test_copies_that_say_something_else_than_the_first_are_not_kept(person: Person) -> None:
    other = Person(CollectingWorld(person.here.issuer, key=person.here.key))
    other.here.issuer.world.answers[DEBT.id] = changed(found(DEBT), schuldsaldo_inclusief_rente=1)
    person.here.wire.instead["/credential"] = swapped(other)
    person.renew()
    assert person.unused == (2, 2)


def swapped(other: Person) -> Callable[[Answer], Answer]:
    """The copies of another answer, which are for other keys."""
    copies = [{"credential": copy.credential} for copy in other.credential()[2].unused]
    return changed_json(credentials=json.loads(json.dumps(copies)))


@pytest.mark.parametrize(
    "members",
    [
        {"refresh_token": 7},
        {"refresh_token": ""},
        {"refresh_token": "é"},
        {"refresh_token": "x" * 5000},
        {"token_type": "Bearer"},
        {"access_token": None},
        {"authorization_details": []},
        {"authorization_details": [{"type": "openid_credential", "credential_configuration_id": "duo.studieschuld.mdoc"}]},
    ],
)
def test_an_answer_of_another_form_gives_nothing(person: Person, members: dict[str, object]) -> None:
    person.here.wire.instead["/token"] = changed_json(**members)  # type: ignore[arg-type] # JSON
    person.renew()
    assert person.unused == (2, 2)


def test_when_no_refresh_token_follows_the_connection_keeps_nothing(person: Person) -> None:
    person.here.wire.instead["/token"] = changed_json(refresh_token=None)
    person.renew()
    assert person.unused == (4, 4)
    assert person.here.secrets(person.connection) == b""


def test_when_all_is_there_no_access_token_stays(person: Person) -> None:
    assert person.secrets.bearer.token is None
    assert person.secrets.refresh


def test_what_was_fetched_anew_leaves_nothing_of_the_connection_before(person: Person) -> None:
    again = Person(person.here)
    assert person.here.secrets(person.connection) == b""
    assert again.secrets.refresh


def test_a_connection_is_needed_as_long_as_one_of_its_credentials_is_here(person: Person) -> None:
    person.here.work(person.here.come_back(DEBT))
    assert person.secrets.refresh
    person.renew()
    assert person.credential(GRANT.id)[1].unused == 4


def test_a_source_that_is_not_trusted_any_more_is_not_asked(person: Person) -> None:
    sent = len(person.here.wire.sent)
    services = replace(person.here.services, sources=lambda _: ())
    person.here.issuer.world.later(minutes=2)
    renew_copies(person.connection, person.here.vault, services)
    assert (len(person.here.wire.sent), person.unused) == (sent, (2, 2))


def test_what_needs_a_login_stands_with_its_source(person: Person) -> None:
    def low() -> tuple[str, ...]:
        here = person.here
        (shown,) = shown_sources((here.source,), items_of(here.vault), CATALOGUE, "nl", here.now)
        return shown.low

    before = low()
    person.here.issuer.world.answers[DEBT.id] = NoData()
    person.renew()
    person.renew()
    assert (before, low()) == ((), (DEBT.title.nl,))


def test_mdocs_that_run_low_are_renewed_as_mdocs(here: CollectingWorld) -> None:
    connection = here.come_back(DEBT, mobile=[DEBT.id])
    here.work(connection)
    here.issuer.world.later(minutes=2)
    renew_copies(connection, here.vault, here.services)
    assert sorted((item.format, item.unused) for item in here.credentials) == [("dc+sd-jwt", 4), ("mso_mdoc", 4)]
    (mobile,) = [kept for kept in kept_credentials(here.vault) if kept.item.format == "mso_mdoc"]
    assert mobile.type == DEBT.doctype
