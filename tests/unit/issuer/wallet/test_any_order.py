"""Whatever wallets, people and thieves do in whatever order: nothing is delivered twice, and nothing for a key that was not proved."""

import json
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blauweknop.domain.document import NoData, Outcome, Unavailable
from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.standards import base64url
from blauweknop.standards.jwk import public_jwk, read_public_jwk, thumbprint
from tests.unit.issuer.source_world import DEBT, GRANT, found
from tests.unit.issuer.wallet.wallet_flows import MDOC, OTHER, PLAIN, VERIFIER, back_from, code_form, offer_at, offer_form
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey

_KNOWN: list[Outcome] = [found(DEBT), Unavailable("timeout")]
_OUTCOMES: list[Outcome] = [*_KNOWN, *_KNOWN, NoData()]
_COMMON = ["fetch"] * 5 + ["come_back"] * 4 + ["agree", "agree", "offer", "source_says", "send_again"]
_ACTIONS = [*_COMMON, "steal_key", "exchange", "later"]


@dataclass
class Agreement:
    """What a person agreed to once, and how a wallet asks a token for it."""

    number: int
    form: dict[str, str]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """What happens next, with which of the two wallets; `back` counts from the last thing of its kind, `token` is mostly its own."""

    action: str
    wallet: int
    token: int
    back: int
    name: str
    known: Outcome
    outcome: Outcome
    seconds: int


_STEPS = st.builds(
    lambda wallet, other, **drawn: Step(wallet=wallet, token=wallet ^ other, **drawn),
    action=st.sampled_from(_ACTIONS),
    wallet=st.integers(0, 1),
    other=st.sampled_from([0, 0, 0, 0, 0, 1]),
    back=st.sampled_from([-1, -1, -2, -3]),
    name=st.sampled_from([PLAIN, PLAIN, MDOC, OTHER]),
    known=st.sampled_from(_KNOWN),
    outcome=st.sampled_from(_OUTCOMES),
    seconds=st.sampled_from([1, 1, 59, 301]),
)


class Issuing:
    """Two wallets at one source, each with all that the other ever said lying about."""

    def __init__(self, world: WalletWorld) -> None:
        world.reset()
        self.world = world
        services = world.services()
        self.services: WalletServices = replace(services, issuer=replace(services.issuer, wait_seconds=0.2))
        client = world.client(self.services)
        self.wallets = [replace(world.wallet(self.services), client=client) for _ in range(2)]
        self.agreements: list[Agreement] = []
        self.messages: list[tuple[str, dict[str, Any]]] = []
        self.transactions: list[str] = ["A" * 43]
        self.of_token: dict[str, Agreement] = {}
        self.of_transaction: dict[str, tuple[Agreement, str]] = {}
        self.delivered: Counter[tuple[int, str]] = Counter()
        self.proved: set[str] = set()
        self.holders: list[str] = []

    def take(self, step: Step) -> None:
        getattr(self, step.action)(step)

    def offer(self, step: Step) -> None:
        made = self.world.offer(self.services, DEBT, GRANT, duo__studieschuld=step.known)
        offer = self.wallets[step.wallet].client.get(offer_at(made.link)).json()
        self._note(offer_form(offer, made.tx_code), tuple(offer["credential_configuration_ids"]))
        self.exchange(replace(step, back=-1))

    def agree(self, step: Step) -> None:
        asking = self.wallets[step.wallet]
        pushed = asking.push(f"{PLAIN} {MDOC}", verifier=VERIFIER)
        back = back_from(self.world, self.services, pushed, DEBT, outcomes={DEBT.id: step.known})
        self._note(code_form(asking, back["code"]), (PLAIN, MDOC))
        self.exchange(replace(step, back=-1))

    def exchange(self, step: Step) -> None:
        """For the first time, or for one time too many."""
        agreement = self.agreements[step.back % len(self.agreements)]
        answer = self.wallets[step.wallet].take_token(agreement.form)
        if answer.status_code == 200:
            assert agreement not in self.of_token.values()
            self.of_token[answer.json()["access_token"]] = agreement

    def source_says(self, step: Step) -> None:
        self.world.world.answers[DEBT.id] = step.outcome

    def later(self, step: Step) -> None:
        self.world.world.later(seconds=step.seconds)
        for wallet in self.wallets:
            wallet.fetch_nonce()

    def fetch(self, step: Step) -> None:
        keys = [SoftwareKey(), SoftwareKey()]
        self.proved |= {key.thumbprint for key in keys}
        self.messages.append((step.name, self.wallets[step.wallet].proofs(keys)))
        self.send_again(replace(step, back=-1))

    def steal_key(self, step: Step) -> None:
        """Ask for a copy to a key of somebody else."""
        proof = self.wallets[step.wallet].proof(SoftwareKey(), header={"jwk": {**public_jwk(SoftwareKey().public)}})
        self.messages.append((step.name, {"jwt": [proof]}))
        self.send_again(replace(step, back=-1))

    def send_again(self, step: Step) -> None:
        """With the token of one wallet and the key of the other, or its own."""
        if self.messages:
            name, proofs = self.messages[step.back % len(self.messages)]
            self._seen(step, {"credential_configuration_id": name, "proofs": proofs}, "credential", name)

    def come_back(self, step: Step) -> None:
        self.source_says(step)
        self._seen(step, {"transaction_id": self.transactions[step.back % len(self.transactions)]}, "deferred-credential", "")

    def _note(self, form: dict[str, str], names: tuple[str, ...]) -> None:
        self.agreements.append(Agreement(len(self.agreements), form, names))

    def _seen(self, step: Step, body: dict[str, Any], endpoint: str, name: str) -> None:
        shown = self.wallets[step.token].token or "A" * 43
        answer = self.wallets[step.wallet].ask(body, endpoint, token=shown)
        members = answer.json()
        if answer.status_code == 202:
            if endpoint == "credential":
                self.transactions.append(members["transaction_id"])
                self.of_transaction[members["transaction_id"]] = self.of_token[shown], name
            return
        if answer.status_code != 200:
            assert answer.status_code in (400, 401), answer.text
            return
        agreement, asked = (self.of_token[shown], name) if endpoint == "credential" else self.of_transaction[body["transaction_id"]]
        self.delivered[agreement.number, asked] += 1
        assert step.token == step.wallet
        assert asked in agreement.names
        assert self.delivered[agreement.number, asked] == 1
        if asked != MDOC:
            self._note_holders([item["credential"] for item in members["credentials"]])

    def _note_holders(self, credentials: list[str]) -> None:
        for credential in credentials:
            holder = thumbprint(read_public_jwk(json.loads(base64url.decode(credential.split(".")[1]))["cnf"]["jwk"]))
            assert holder in self.proved
            assert holder not in self.holders
            self.holders.append(holder)


@settings(max_examples=20, deadline=None, suppress_health_check=[*HealthCheck])
@given(begin=_STEPS, steps=st.lists(_STEPS, min_size=8, max_size=25))
def test_nothing_is_delivered_twice_or_for_a_key_that_was_not_proved(one_wallet_world: WalletWorld, begin: Step, steps: list[Step]) -> None:
    issuing = Issuing(one_wallet_world)
    issuing.source_says(begin)
    issuing.agree(begin)
    for step in steps:
        issuing.take(step)
