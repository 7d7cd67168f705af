"""A slow source: the wallet comes back, and gets what it waits for once (PROTOCOL 2.8, T-40)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from threading import Event
from time import monotonic
from typing import Any

import pytest
from httpx import Response

from blauweknop.adapters.database import StorageError
from blauweknop.domain.document import Incomplete, JsonValue, NoData, Outcome, Refused, Unavailable
from blauweknop.domain.texts import Text
from blauweknop.issuer.wallet.ports import Kind, References, WalletServices
from tests.unit.issuer.source_world import DEBT, GRANT, found
from tests.unit.issuer.wallet.wallet_flows import MDOC, OTHER, PLAIN, offer_at, offer_form, refusal, with_token
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey, TestWallet

_UNKNOWN: dict[str, Any] = {"duo__studieschuld": Unavailable("timeout")}
_SILENT = Unavailable("timeout")


@pytest.fixture
def services(wallets: WalletWorld, request: pytest.FixtureRequest) -> WalletServices:
    """A source that does not keep wallets waiting for a system that is silent."""
    services = wallets.services()
    return replace(services, issuer=replace(services.issuer, wait_seconds=0.3 if "answered" in request.fixturenames else 10.0))


@pytest.fixture
def answered(wallets: WalletWorld) -> Iterator[Event]:
    """The system of the source answers when this is set."""
    event = Event()

    def answer() -> Outcome:
        event.wait(10)
        return found(DEBT)

    wallets.world.answers[DEBT.id] = answer
    yield event
    event.set()


@pytest.fixture
def wallet(wallets: WalletWorld, services: WalletServices) -> TestWallet:
    return with_token(wallets, services=services, **_UNKNOWN)


def come_back(wallet: TestWallet, first: Response) -> Response:
    return wallet.ask({"transaction_id": first.json()["transaction_id"]}, "deferred-credential")


def come_back_until_there(wallet: TestWallet, first: Response) -> Response:
    """After the system answered: its thread may need a moment on a busy machine."""
    ends = monotonic() + 10
    while (answer := come_back(wallet, first)).status_code == 202 and monotonic() < ends:
        pass
    return answer


def test_what_takes_long_is_asked_for_again_later(answered: Event, wallet: TestWallet) -> None:
    first = wallet.fetch(PLAIN, [SoftwareKey(), SoftwareKey()])

    assert first.status_code == 202
    assert first.json().keys() == {"transaction_id", "interval"}
    assert 30 <= first.json()["interval"] <= 3600
    assert len(first.json()["transaction_id"]) == 43
    assert first.headers["cache-control"] == "no-store"


def test_who_comes_too_early_is_told_to_come_back_with_the_same_name(answered: Event, wallet: TestWallet) -> None:
    first = wallet.fetch(PLAIN, [SoftwareKey()])
    second = come_back(wallet, first)

    assert (second.status_code, second.json()) == (202, first.json())


def test_what_is_there_is_given_once(answered: Event, wallets: WalletWorld, wallet: TestWallet) -> None:
    first = wallet.fetch(PLAIN, [SoftwareKey(), SoftwareKey()])
    answered.set()
    second, third = come_back_until_there(wallet, first), come_back(wallet, first)

    assert second.status_code == 200
    assert second.json().keys() == {"credentials"}  # a wallet of today trips over a notification_id here
    assert len(second.json()["credentials"]) == 2
    assert refusal(third) == (400, "invalid_transaction_id")
    assert wallets.world.asked == [DEBT.id]


def test_what_is_still_to_come_cannot_be_asked_a_second_time(answered: Event, wallet: TestWallet) -> None:
    assert wallet.fetch(PLAIN, [SoftwareKey()]).status_code == 202
    assert refusal(wallet.fetch(PLAIN, [SoftwareKey()])) == (400, "credential_request_denied")


@pytest.mark.parametrize("outcome", [NoData(), Refused("deceased", Text("overleden", "deceased")), Incomplete(("bedrag",))])
@pytest.mark.parametrize("later", [False, True])
def test_a_source_that_says_no_ends_it(later: bool, outcome: Outcome, wallets: WalletWorld, wallet: TestWallet) -> None:
    wallets.world.answers[DEBT.id] = _SILENT if later else outcome
    answer = wallet.fetch(PLAIN, [SoftwareKey()])
    if later:
        wallets.world.answers[DEBT.id] = outcome
        first, answer = answer, come_back(wallet, answer)
        assert refusal(come_back(wallet, first)) == (400, "invalid_transaction_id")

    assert refusal(answer) == (400, "credential_request_denied")
    assert refusal(wallet.fetch(PLAIN, [SoftwareKey()])) == (400, "credential_request_denied")


def test_a_refusal_does_not_say_why(wallets: WalletWorld, wallet: TestWallet) -> None:
    texts = set()
    for outcome in (NoData(), Refused("deceased", Text("overleden", "deceased")), Incomplete(("bedrag",))):
        wallets.world.answers[DEBT.id] = outcome
        texts.add(with_token(wallets, **_UNKNOWN).fetch(PLAIN, [SoftwareKey()]).text)
    assert len(texts) == 1


@pytest.mark.parametrize("outcome", [Unavailable("connection"), RuntimeError("999990019 is stuk")])
def test_a_system_that_could_not_answer_is_asked_again(outcome: Any, wallets: WalletWorld, wallet: TestWallet) -> None:
    wallets.world.answers[DEBT.id] = outcome
    first = wallet.fetch(PLAIN, [SoftwareKey()])
    again = come_back(wallet, first)
    wallets.world.answers[DEBT.id] = found(DEBT)

    assert (first.status_code, again.status_code) == (202, 202)
    assert come_back(wallet, first).status_code == 200
    assert wallets.world.asked == [DEBT.id] * 3


def test_a_system_that_will_never_answer_ends_it(wallets: WalletWorld, wallet: TestWallet) -> None:
    wallets.world.answers[DEBT.id] = Unavailable("configuration", retry_worthwhile=False)
    assert refusal(wallet.fetch(PLAIN, [SoftwareKey()])) == (400, "credential_request_denied")


def test_what_a_wallet_waits_for_survives_the_process(answered: Event, wallets: WalletWorld, services: WalletServices) -> None:
    """A new application on the same database knows nothing of the question, and puts it again."""
    wallet = with_token(wallets, services=services, **_UNKNOWN)
    keys = [SoftwareKey(), SoftwareKey()]
    first = wallet.fetch(PLAIN, keys)
    answered.set()
    wallet.client = wallets.client(replace(services))
    second = come_back_until_there(wallet, first)

    assert second.status_code == 200
    assert len(second.json()["credentials"]) == 2
    assert wallets.world.asked == [DEBT.id] * 2


def test_what_a_wallet_waits_for_waits_a_week(wallets: WalletWorld, wallet: TestWallet) -> None:
    wallets.world.answers[DEBT.id] = _SILENT
    first = wallet.fetch(PLAIN, [SoftwareKey()])
    wallets.world.answers[DEBT.id] = found(DEBT)
    wallets.world.later(days=6, hours=23)
    wallet.fetch_nonce()
    assert come_back(wallet, first).status_code == 200


def test_after_a_week_it_is_over(wallets: WalletWorld, wallet: TestWallet) -> None:
    wallets.world.answers[DEBT.id] = _SILENT
    first = wallet.fetch(PLAIN, [SoftwareKey()])
    wallets.world.later(days=7)
    wallet.fetch_nonce()
    assert refusal(come_back(wallet, first)) == (401, "invalid_token")


def test_another_wallet_cannot_fetch_it(answered: Event, wallets: WalletWorld, services: WalletServices, wallet: TestWallet) -> None:
    first, other = wallet.fetch(PLAIN, [SoftwareKey()]), with_token(wallets, services=services, **_UNKNOWN)
    answered.set()

    assert refusal(come_back(other, first)) == (400, "invalid_transaction_id")
    assert come_back_until_there(wallet, first).status_code == 200


def test_another_key_cannot_fetch_it(answered: Event, wallet: TestWallet) -> None:
    first = wallet.fetch(PLAIN, [SoftwareKey()])
    answered.set()
    thief = wallet.dpop("deferred-credential", token=wallet.token, key=SoftwareKey())
    answer = wallet.ask({"transaction_id": first.json()["transaction_id"]}, "deferred-credential", dpop=thief)
    assert refusal(answer) == (401, "invalid_dpop_proof")


@pytest.mark.parametrize("name", ["A" * 43, "x", "", 7, None, ["x"], "x" * 257])
def test_a_name_that_was_never_given_is_refused(name: Any, wallet: TestWallet) -> None:
    assert refusal(wallet.ask({"transaction_id": name}, "deferred-credential")) == (400, "invalid_transaction_id")


def test_the_token_is_no_name_of_what_is_to_come(wallet: TestWallet) -> None:
    assert refusal(wallet.ask({"transaction_id": wallet.token}, "deferred-credential")) == (400, "invalid_transaction_id")


def test_two_that_come_at_once_for_different_things_wait_apart(wallets: WalletWorld, services: WalletServices) -> None:
    wallets.world.answers |= {DEBT.id: _SILENT, GRANT.id: _SILENT}
    wallet = with_token(wallets, DEBT, GRANT, services=services, **_UNKNOWN, duo__studiefinanciering=_SILENT)
    waiting = [wallet.fetch(name, [SoftwareKey()]) for name in (PLAIN, OTHER)]
    wallets.world.answers |= {DEBT.id: found(DEBT), GRANT.id: found(GRANT)}

    assert [come_back(wallet, first).status_code for first in waiting] == [200, 200]


def test_a_token_that_waits_holds_no_values(wallets: WalletWorld, services: WalletServices) -> None:
    """What is known already is asked again from the source, so that for a week nothing is kept but the question."""
    wallet = with_token(wallets, DEBT, GRANT, services=services, duo__studiefinanciering=_SILENT)
    kept = services.references.read(Kind.TOKEN, str(wallet.token), now=wallets.world.now)

    assert kept is not None
    assert "found" not in str(kept.content)
    assert wallet.fetch(PLAIN, [SoftwareKey()]).status_code == 200


def test_a_mobile_document_may_come_later_too(wallets: WalletWorld, services: WalletServices) -> None:
    wallets.world.answers[DEBT.id] = _SILENT
    wallet = with_token(wallets, services=services, form="mso_mdoc", **_UNKNOWN)
    first = wallet.fetch(MDOC, [SoftwareKey()])
    wallets.world.answers[DEBT.id] = found(DEBT)

    assert come_back(wallet, first).status_code == 200


def test_a_second_use_of_the_offer_ends_what_is_still_to_come(wallets: WalletWorld, services: WalletServices) -> None:
    wallets.world.answers[DEBT.id] = _SILENT
    made = wallets.offer(services, DEBT, **_UNKNOWN)
    wallet = wallets.wallet(services)
    form = offer_form(wallet.client.get(offer_at(made.link)).json(), made.tx_code)
    wallet.take_token(form)
    transaction = wallet.fetch(PLAIN, [SoftwareKey()]).json()["transaction_id"]
    wallet.take_token(form)

    assert services.references.read(Kind.TRANSACTION, transaction, now=wallets.world.now) is None


@dataclass(frozen=True)
class FullDisk:
    """Storage in which no more can be kept of one kind."""

    references: References
    kind: Kind

    def __getattr__(self, name: str) -> Any:
        return getattr(self.references, name)

    def keep(self, kind: Kind, content: Mapping[str, JsonValue], **how: Any) -> str:
        if kind is self.kind:
            raise StorageError("no room")
        return self.references.keep(kind, content, **how)


@pytest.mark.parametrize(("kind", "outcome"), [(Kind.TRANSACTION, _SILENT), (Kind.NOTIFICATION, found(DEBT))], ids=["promise", "delivery"])
def test_what_could_not_be_kept_can_be_asked_again(
    kind: Kind, outcome: Outcome, wallets: WalletWorld, services: WalletServices, wallet: TestWallet
) -> None:
    wallets.world.answers[DEBT.id] = outcome
    healthy = wallet.client
    wallet.client = wallets.client(replace(services, references=FullDisk(services.references, kind)))
    assert wallet.fetch(PLAIN, [SoftwareKey()]).status_code == 500
    wallet.client = healthy
    assert wallet.fetch(PLAIN, [SoftwareKey()]).status_code == (202 if kind is Kind.TRANSACTION else 200)
