"""What may happen once happens once, also when two processes are asked at the same moment (ASVS 15.4.2)."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from httpx import Response

from blauweknop.adapters.database import StorageError
from blauweknop.domain.document import JsonValue, Unavailable
from blauweknop.issuer.wallet.consent import agree
from blauweknop.issuer.wallet.ports import Kept, Kind, References, WalletServices
from blauweknop.issuer.wallet.pushing import begin_visit, visit_of
from tests.unit.issuer.source_world import DEBT, GRANT, found
from tests.unit.issuer.wallet.wallet_flows import (
    MDOC,
    PLAIN,
    VERIFIER,
    back_from,
    code_form,
    code_of,
    refusal,
    server,
    with_code_token,
    with_token,
)
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey, TestWallet

_AT_ONCE = 4
_One = TypeVar("_One")
_Answer = TypeVar("_Answer")


@pytest.fixture
def services(wallets: WalletWorld) -> WalletServices:
    return wallets.services()


def processes(wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> list[TestWallet]:
    """The same wallet, each time before another process of the source: an application of its own on the same database."""
    wallet.fetch_nonce()
    return [replace(wallet, client=wallets.client(replace(services))) for _ in range(_AT_ONCE)]


def at_once(several: Sequence[_One], call: Callable[[_One], _Answer]) -> list[_Answer]:
    with ThreadPoolExecutor(len(several)) as pool:
        return list(pool.map(call, several))


def statuses(answers: Sequence[Response]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


def test_one_request_sent_several_times_is_delivered_once(wallets: WalletWorld, services: WalletServices) -> None:
    wallet = with_token(wallets, DEBT, services=services)
    body = {"credential_configuration_id": PLAIN, "proofs": wallet.proofs([SoftwareKey()])}
    answers = at_once(processes(wallets, services, wallet), lambda one: one.ask(body))

    assert statuses(answers) == [200, 400, 400, 400]
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} <= {"invalid_nonce", "credential_request_denied"}


def test_several_requests_for_one_thing_are_delivered_once(wallets: WalletWorld, services: WalletServices) -> None:
    wallet = with_token(wallets, DEBT, services=services)
    bodies = [{"credential_configuration_id": PLAIN, "proofs": wallet.proofs([SoftwareKey()])} for _ in range(_AT_ONCE)]
    pairs = list(zip(processes(wallets, services, wallet), bodies, strict=True))
    answers = at_once(pairs, lambda pair: pair[0].ask(pair[1]))

    assert statuses(answers) == [200, 400, 400, 400]
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"credential_request_denied"}


def test_several_things_may_be_fetched_at_once(wallets: WalletWorld, services: WalletServices) -> None:
    names = [PLAIN, MDOC, f"{GRANT.id}.sd-jwt", f"{GRANT.id}.mdoc"]
    wallet = with_code_token(wallets, services, scope=" ".join(names))
    bodies = [{"credential_configuration_id": name, "proofs": wallet.proofs([SoftwareKey()])} for name in names]
    pairs = list(zip(processes(wallets, services, wallet), bodies, strict=True))
    answers = at_once(pairs, lambda pair: pair[0].ask(pair[1]))

    assert statuses(answers) == [200] * 4
    assert refusal(wallet.fetch(MDOC, [SoftwareKey()])) == (400, "credential_request_denied")


def test_what_came_late_is_delivered_once(wallets: WalletWorld, services: WalletServices) -> None:
    wallets.world.answers[DEBT.id] = Unavailable("timeout")
    wallet = with_token(wallets, services=services, duo__studieschuld=Unavailable("timeout"))
    body = {"transaction_id": wallet.fetch(PLAIN, [SoftwareKey()]).json()["transaction_id"]}
    wallets.world.answers[DEBT.id] = found(DEBT)
    answers = at_once(processes(wallets, services, wallet), lambda one: one.ask(body, "deferred-credential"))

    assert statuses(answers) == [200, 400, 400, 400]


def test_a_document_that_is_asked_several_times_at_once_is_delivered_once(wallets: WalletWorld) -> None:
    services, wallet, key = server(wallets)
    pushed = wallet.push(f"{DEBT.id}.document", verifier=VERIFIER, **wallet.assertion(key))
    code = back_from(wallets, services, pushed, DEBT, client_id=wallet.client_id)["code"]
    wallet.take_token(code_form(wallet, code, **wallet.assertion(key)), headers={})
    body = {"document": f"{DEBT.id}.document"}
    answers = at_once(processes(wallets, services, wallet), lambda one: one.ask(body, "document"))

    assert statuses(answers) == [200, 400, 400, 400]


def test_a_code_that_is_used_several_times_at_once_gives_no_token_that_lives(wallets: WalletWorld, services: WalletServices) -> None:
    wallet = wallets.wallet(services)
    form = code_form(wallet, code_of(wallets, services, wallet))
    several = processes(wallets, services, wallet)
    answers = at_once(several, lambda one: one.take_token(form))
    living = [one for one in several if one.token and one.fetch(PLAIN, [SoftwareKey()]).status_code == 200]

    assert statuses(answers).count(200) <= 1
    assert living == []


def test_a_request_that_is_opened_several_times_at_once_is_opened_once(wallets: WalletWorld, services: WalletServices) -> None:
    wallet, now = wallets.wallet(services), wallets.world.now
    request_uri = wallet.push(PLAIN, verifier=VERIFIER).json()["request_uri"]
    visits = at_once(range(_AT_ONCE), lambda _: begin_visit(request_uri, wallet.client_id, services, now))

    assert sum(visit is not None for visit in visits) == 1


def test_a_person_who_presses_the_button_several_times_gives_one_code(wallets: WalletWorld, services: WalletServices) -> None:
    wallet, now = wallets.wallet(services), wallets.world.now
    visit = str(begin_visit(wallet.push(PLAIN, verifier=VERIFIER).json()["request_uri"], wallet.client_id, services, now))
    request = visit_of(visit, services, now)
    assert request is not None

    def press(_: int) -> str | None:
        return agree(visit, request, wallets.session(), {DEBT.id: found(DEBT)}, services, now, ticked=[DEBT.id])

    assert sum(back is not None for back in at_once(range(_AT_ONCE), press)) == 1


@dataclass
class Interrupted:
    """References of which something happens between a step and the next one."""

    references: References
    between: Callable[[], object]
    kind: Kind

    def __getattr__(self, name: str) -> Any:
        return getattr(self.references, name)

    def keep(self, kind: Kind, content: Mapping[str, JsonValue], *, now: datetime, life: timedelta, parent: str | None = None) -> str:
        if kind is self.kind:
            self.between()
        return self.references.keep(kind, content, now=now, life=life, parent=parent)

    def change(self, kind: Kind, reference: str, content: Mapping[str, JsonValue], *, seen: Kept, ends_at: datetime | None = None) -> bool:
        return self.references.change(kind, reference, content, seen=seen, ends_at=ends_at)


def test_a_code_that_is_used_again_before_the_token_is_there_gives_none(wallets: WalletWorld, services: WalletServices) -> None:
    wallet, thief = wallets.wallet(services), wallets.wallet(services)
    form = code_form(wallet, code_of(wallets, services, wallet))
    thief.fetch_nonce()
    stolen: list[Response] = []
    slow = replace(services, references=Interrupted(services.references, lambda: stolen.append(thief.take_token(form)), Kind.TOKEN))
    wallet.client = wallets.client(slow)

    assert refusal(wallet.take_token(form)) == (400, "invalid_grant")
    assert [refusal(answer) for answer in stolen] == [(400, "invalid_grant")]


def test_a_refresh_token_that_is_used_several_times_at_once_gives_nothing_that_lives(wallets: WalletWorld) -> None:
    services, wallet, key = server(wallets)
    form = refresh_form(wallets, services, wallet, key)
    several = processes(wallets, services, wallet)
    answers = at_once(several, lambda one: one.take_token({**form, **wallet.assertion(key)}, headers={}))
    living = [one for one in several if one.token and one.fetch(PLAIN, [SoftwareKey()]).status_code == 200]
    given = [answer.json()["refresh_token"] for answer in answers if answer.status_code == 200]

    assert statuses(answers).count(200) <= 1
    assert living == []
    for refresh in given:
        again = wallet.take_token({**form, "refresh_token": refresh, **wallet.assertion(key)}, headers={})
        assert refusal(again) == (400, "invalid_grant")


def test_a_refresh_token_counts_still_when_the_new_tokens_could_not_be_kept(wallets: WalletWorld) -> None:
    def fail() -> None:
        raise StorageError("the database does not answer")

    services, wallet, key = server(wallets)
    form = refresh_form(wallets, services, wallet, key)
    broken = replace(
        wallet, client=wallets.client(replace(services, references=Interrupted(services.references, fail, Kind.REFRESH)))
    ).take_token({**form, **wallet.assertion(key)}, headers={})
    again = wallet.take_token({**form, **wallet.assertion(key)}, headers={})

    assert (broken.status_code, again.status_code) == (500, 200)


def refresh_form(wallets: WalletWorld, services: WalletServices, wallet: TestWallet, key: SoftwareKey) -> dict[str, str]:
    """What a server sends, beside who it is, for new copies."""
    pushed = wallet.push(PLAIN, verifier=VERIFIER, **wallet.assertion(key))
    code = back_from(wallets, services, pushed, DEBT, client_id=wallet.client_id)["code"]
    first = wallet.take_token(code_form(wallet, code, **wallet.assertion(key)), headers={})
    wallet.token = None
    return {"grant_type": "refresh_token", "refresh_token": first.json()["refresh_token"]}


def test_a_delivery_that_could_not_be_noted_may_be_asked_again(wallets: WalletWorld, services: WalletServices) -> None:
    def fail() -> None:
        raise StorageError("the database does not answer")

    wallet = with_token(wallets, DEBT, services=services)
    working = wallet.client
    wallet.client = wallets.client(replace(services, references=Interrupted(services.references, fail, Kind.NOTIFICATION)))
    broken = wallet.fetch(PLAIN, [SoftwareKey()])
    wallet.client = working

    assert (broken.status_code, broken.json()["error"]) == (500, "server_error")
    assert wallet.fetch(PLAIN, [SoftwareKey()]).status_code == 200
