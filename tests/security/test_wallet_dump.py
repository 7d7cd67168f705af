"""Whoever takes the database of a source, its logs and even its secret key, finds nothing of what went to wallets (PROTOCOL 2.11, 9.4).

Whole flows are run; then all tables, the bytes of the files and the log are searched, and what is left is opened with the secret key.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import METADATA, reading
from blauweknop.adapters.records import Records, fingerprint
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.adapters.wallet_records import WALLET_REFERENCES, WALLET_USES
from blauweknop.adapters.wallet_store import sweep_wallets
from blauweknop.domain.document import Found, NoData, Unavailable
from blauweknop.issuer.wallet.consent import refuse
from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.issuer.wallet.pushing import begin_visit, visit_of
from blauweknop.standards import base64url
from blauweknop.standards.jwk import public_jwk
from tests.unit.issuer.source_world import ANNA, DEBT, GRANT, changed, found
from tests.unit.issuer.wallet.wallet_flows import MDOC, OTHER, PLAIN, VERIFIER, back_from, code_form, code_of, offer_at, offer_form, server
from tests.unit.issuer.wallet.wallet_world import WalletWorld, wallet_world
from tests.wallet import SoftwareKey, TestWallet

_REFERENCES = ("code", "token", "name for later", "offer", "request")
_PERSONAL = {"number", "name", "amount", "credential", "document", "key of a holder"}
_KEY = RowKey.from_secret(bytes(range(32)))
_GIVEN_NAME, _FAMILY_NAME, _AMOUNT = "Xantippe-Quirine", "Ypenburg-Zwartjes", 7_345_912_608


@dataclass
class Traces:
    """What may be found nowhere afterwards, by what it is; and what rows held that are gone."""

    secrets: dict[str, set[bytes]] = field(default_factory=dict)
    sealed: set[bytes] = field(default_factory=set)

    def add(self, kind: str, *values: str | bytes) -> None:
        found = self.secrets.setdefault(kind, set())
        found |= {value.encode() if isinstance(value, str) else value for value in values}


@dataclass
class Run:
    """A source with real records, and what went through it."""

    wallets: WalletWorld
    services: WalletServices
    traces: Traces
    debt: Found

    @property
    def engine(self) -> Engine:
        return self.wallets.engine

    def wallet(self) -> TestWallet:
        wallet = self.wallets.wallet(self.services)
        for key in (wallet.key, wallet.instance):
            self.note_key("key of the wallet", key)
        return wallet

    def note_key(self, kind: str, key: SoftwareKey) -> None:
        jwk = public_jwk(key.public)
        numbers = [str(jwk[name]) for name in "xy"]
        self.traces.add(kind, key.thumbprint, base64url.decode(key.thumbprint), *numbers, *(base64url.decode(number) for number in numbers))

    def keys(self) -> list[SoftwareKey]:
        made = [SoftwareKey(), SoftwareKey()]
        for key in made:
            self.note_key("key of a holder", key)
        return made

    def note_rows(self) -> None:
        """What rows hold now, sealed."""
        with reading(self.engine) as connection:
            self.traces.sealed |= {bytes(cell) for cell in connection.execute(select(WALLET_REFERENCES.c.content)).scalars() if cell}

    def token(self, wallet: TestWallet, form: dict[str, str]) -> None:
        self.traces.add("code", *(form[name] for name in ("code", "pre-authorized_code", "tx_code") if name in form))
        assert wallet.take_token(form).status_code == 200
        self.traces.add("token", str(wallet.token))
        self.note_rows()

    def offer(self, wallet: TestWallet, *datasets: Any, form: str = "dc+sd-jwt", **outcomes: Any) -> dict[str, str]:
        answers = {dataset.id: self.wallets.world.answers[dataset.id] for dataset in datasets}
        known = {name.replace(".", "__"): outcome for name, outcome in answers.items()} | outcomes
        made = self.wallets.offer(self.services, *datasets, form=form, **known)
        self.traces.add("offer", made.code, made.link.rpartition("%2F")[2])
        return offer_form(wallet.client.get(offer_at(made.link)).json(), made.tx_code)

    def fetch(self, wallet: TestWallet, name: str, body: dict[str, Any] | None = None, endpoint: str = "credential") -> dict[str, Any]:
        asked = body or {"credential_configuration_id": name, "proofs": wallet.proofs(self.keys())}
        answer = wallet.ask(asked, endpoint)
        members = dict(answer.json())
        for item in members.get("credentials", []):
            parts = [part for part in item["credential"].replace("~", ".").split(".") if len(part) > 40]
            self.traces.add("credential", *parts)
        self.traces.add("name for later", *(members[name] for name in ("notification_id", "transaction_id") if name in members))
        self.note_rows()
        return members


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WalletWorld]:
    with wallet_world(tmp_path_factory.mktemp("dump")) as made:
        yield made


@pytest.fixture
def run(world: WalletWorld) -> Iterator[Run]:
    world.reset()
    debt = changed(found(DEBT, given_name=_GIVEN_NAME, family_name=_FAMILY_NAME), bedrag=_AMOUNT)
    world.world.answers |= {DEBT.id: debt, GRANT.id: found(GRANT, given_name=_GIVEN_NAME, family_name=_FAMILY_NAME)}
    services = world.services()
    services = replace(services, issuer=replace(services.issuer, records=Records(world.engine, _KEY)))
    made = Run(world, services, Traces(), debt)
    made.traces.add("number", ANNA.bsn.digits)
    made.traces.add("name", _GIVEN_NAME, _FAMILY_NAME)
    made.traces.add("amount", str(_AMOUNT))
    with reading(world.engine) as connection:
        assert connection.execute(select(WALLET_REFERENCES)).all() == []
    yield made
    world.world.later(days=91)
    sweep_wallets(world.engine, world.world.now)


def whole_offer(run: Run) -> None:
    wallet = run.wallet()
    run.token(wallet, run.offer(wallet, DEBT, GRANT))
    members = [run.fetch(wallet, name) for name in (PLAIN, OTHER)]
    assert wallet.ask({"notification_id": members[0]["notification_id"], "event": "credential_accepted"}, "notification").status_code == 204


def whole_code(run: Run) -> None:
    wallet = run.wallet()
    code = code_of(run.wallets, run.services, wallet, f"{PLAIN} {MDOC}")
    run.note_rows()
    run.token(wallet, code_form(wallet, code))
    assert all("credentials" in run.fetch(wallet, name) for name in (MDOC, PLAIN))


def whole_deferred(run: Run) -> None:
    wallet, known = run.wallet(), run.wallets.world.answers[DEBT.id]
    run.wallets.world.answers[DEBT.id] = Unavailable("timeout")
    run.token(wallet, run.offer(wallet, DEBT))
    waiting = run.fetch(wallet, PLAIN)
    run.wallets.world.answers[DEBT.id] = known
    last = run.fetch(wallet, PLAIN, {"transaction_id": waiting["transaction_id"]}, "deferred-credential")
    assert "credentials" in last


def whole_document(run: Run) -> None:
    """The document itself, by a server that acts for the person."""
    services, wallet, key = server(run.wallets, services=run.services)
    run.note_key("key of the wallet", wallet.key)
    pushed = wallet.push(f"{DEBT.id}.document", verifier=VERIFIER, **wallet.assertion(key))
    code = back_from(run.wallets, services, pushed, DEBT, client_id=wallet.client_id, outcomes={DEBT.id: run.debt})["code"]
    form = code_form(wallet, code, **wallet.assertion(key))
    run.traces.add("code", code)
    assert wallet.take_token(form, headers={}).status_code == 200
    run.traces.add("token", str(wallet.token))
    run.note_rows()
    answer = wallet.ask({"document": f"{DEBT.id}.document"}, "document")
    assert answer.status_code == 200
    run.traces.add("document", answer.content[200:264], answer.content[-264:-200])


def renewed(run: Run) -> None:
    """New copies of what a server fetched before, and a refresh token for the next time."""
    services, wallet, key = server(run.wallets, services=run.services)
    run.note_key("key of the wallet", wallet.key)
    pushed = wallet.push(PLAIN, verifier=VERIFIER, **wallet.assertion(key))
    code = back_from(run.wallets, services, pushed, DEBT, client_id=wallet.client_id, outcomes={DEBT.id: run.debt})["code"]
    form = code_form(wallet, code, **wallet.assertion(key))
    for _ in range(2):
        answer = wallet.take_token(form, headers={})
        assert answer.status_code == 200, answer.text
        refresh = answer.json()["refresh_token"]
        run.traces.add("token", str(wallet.token), refresh)
        run.note_rows()
        assert "credentials" in run.fetch(wallet, PLAIN)
        form = {"grant_type": "refresh_token", "refresh_token": refresh, **wallet.assertion(key)}
    run.traces.add("code", code)


def refused_by_the_source(run: Run) -> None:
    wallet = run.wallet()
    form = run.offer(wallet, DEBT, duo__studieschuld=Unavailable("timeout"))
    run.token(wallet, form)
    run.wallets.world.answers[DEBT.id] = NoData()
    assert run.fetch(wallet, PLAIN)["error"] == "credential_request_denied"


def refused_by_the_person(run: Run) -> None:
    wallet, now = run.wallet(), run.wallets.world.now
    request_uri = wallet.push(PLAIN, verifier=VERIFIER).json()["request_uri"]
    visit = begin_visit(request_uri, wallet.client_id, run.services, now)
    request = visit_of(str(visit), run.services, now)
    assert request is not None
    assert refuse(str(visit), request, run.services, now)
    run.traces.add("request", request_uri.rpartition(":")[2], str(visit))


def guessed_until_dead(run: Run) -> None:
    wallet = run.wallet()
    form = run.offer(wallet, DEBT)
    run.note_rows()
    wrong = f"{(int(form['tx_code']) + 1) % 1_000_000:06}"
    assert [wallet.take_token({**form, "tx_code": wrong}).status_code for _ in range(3)] == [400] * 3


def abandoned(run: Run) -> None:
    """An offer that nobody takes, a code, a token, and what is still to come."""
    wallet = run.wallet()
    run.offer(wallet, DEBT)
    run.traces.add("code", code_of(run.wallets, run.services, wallet))
    run.token(wallet, run.offer(wallet, DEBT, GRANT))
    run.wallets.world.answers[DEBT.id] = Unavailable("timeout")
    other = run.wallet()
    run.token(other, run.offer(other, DEBT))
    assert "transaction_id" in run.fetch(other, PLAIN)


DELIVERED = [whole_offer, whole_code, whole_deferred, whole_document, refused_by_the_source, refused_by_the_person, guessed_until_dead]


def dump(engine: Engine) -> dict[str, bytes]:
    """All tables as text and bytes, and the files after everything was written to them."""
    with reading(engine) as connection:
        cells = [cell for table in METADATA.sorted_tables for row in connection.execute(select(table)) for cell in row]
    path = Path(str(engine.url.database))
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    files = {file.name: file.read_bytes() for file in path.parent.glob(f"{path.name}*")}
    assert max(map(len, files.values())) > 10_000
    return {"tables": b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells), **files}


def contents(engine: Engine) -> list[tuple[bytes, bytes]]:
    """Hash and contents of each row that has any."""
    with reading(engine) as connection:
        rows = connection.execute(select(WALLET_REFERENCES.c.id_hash, WALLET_REFERENCES.c.content)).all()
    return [(row, content) for row, content in rows if content]


def opened(run: Run) -> str:
    """What is still in the rows, for who has the secret key, and everything that wallets and browsers were given."""
    given = {fingerprint(value.decode()): value.decode() for kind in _REFERENCES for value in run.traces.secrets.get(kind, ())}
    found = [(given.get(row), row, content) for row, content in contents(run.engine)]
    keys = [(_KEY.with_reference(reference), row, content) for reference, row, content in found if reference is not None]
    assert len(keys) == len(found)
    return "\n".join(key.decrypt(content, table="wallet_references", row=row).decode() for key, row, content in keys)


def seen(traces: Traces, content: bytes) -> list[str]:
    return sorted({kind for kind, values in traces.secrets.items() for value in values if value in content})


@pytest.mark.parametrize("flow", [*DELIVERED, renewed, abandoned], ids=lambda flow: flow.__name__)
def test_a_stolen_database_says_nothing(flow: Callable[[Run], None], run: Run) -> None:
    flow(run)
    assert {name: seen(run.traces, content) for name, content in dump(run.engine).items() if seen(run.traces, content)} == {}


@pytest.mark.parametrize("flow", [*DELIVERED, renewed, abandoned], ids=lambda flow: flow.__name__)
def test_the_secret_key_alone_opens_nothing_at_all(flow: Callable[[Run], None], run: Run) -> None:
    flow(run)
    for row, content in contents(run.engine):
        with pytest.raises(Unreadable):
            _KEY.decrypt(content, table="wallet_references", row=row)


@pytest.mark.parametrize("flow", DELIVERED, ids=lambda flow: flow.__name__)
def test_after_delivery_or_refusal_not_even_all_keys_and_references_open_anything_of_the_person(
    flow: Callable[[Run], None], run: Run
) -> None:
    flow(run)
    kept = opened(run).encode()
    personal = {kind: values for kind, values in run.traces.secrets.items() if kind in _PERSONAL}

    assert seen(Traces(personal), kept) == []


@pytest.mark.parametrize("flow", [*DELIVERED, abandoned], ids=lambda flow: flow.__name__)
def test_when_its_time_is_over_no_row_is_left_nor_the_bytes_of_one(flow: Callable[[Run], None], run: Run) -> None:
    flow(run)
    run.note_rows()
    run.wallets.world.later(days=7)
    sweep_wallets(run.engine, run.wallets.world.now)
    files = b"".join(dump(run.engine).values())

    with reading(run.engine) as connection:
        assert [connection.execute(select(table)).all() for table in (WALLET_REFERENCES, WALLET_USES)] == [[], []]
    assert run.traces.sealed or flow is refused_by_the_person
    assert [content for content in run.traces.sealed if content[13:45] in files] == []


def test_of_what_can_be_renewed_no_value_waits_and_after_ninety_days_nothing_does(run: Run) -> None:
    renewed(run)
    run.wallets.world.later(minutes=5)
    sweep_wallets(run.engine, run.wallets.world.now)
    kept = opened(run)
    run.wallets.world.later(days=90)
    sweep_wallets(run.engine, run.wallets.world.now)

    assert (_FAMILY_NAME in kept, str(_AMOUNT) in kept) == (False, False)
    assert ANNA.bsn.digits in kept  # of whom: for who has the refresh token, and our key
    assert contents(run.engine) == []


def test_values_of_what_is_abandoned_are_gone_after_minutes_though_its_question_waits(run: Run) -> None:
    abandoned(run)
    assert _FAMILY_NAME in opened(run)
    run.wallets.world.later(minutes=5)
    sweep_wallets(run.engine, run.wallets.world.now)
    kept = opened(run)

    assert (_FAMILY_NAME in kept, str(_AMOUNT) in kept) == (False, False)
    assert ANNA.bsn.digits in kept  # the question itself: for whom, which data set, for which keys


def test_the_log_says_nothing(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for flow in [*DELIVERED, renewed, abandoned]:
        run.wallets.world.answers[DEBT.id] = changed(found(DEBT, given_name=_GIVEN_NAME, family_name=_FAMILY_NAME), bedrag=_AMOUNT)
        flow(run)
    written = "".join(capsys.readouterr())

    assert written.count("/oid4vci/credential") > 5
    long = {kind: {value for value in values if len(value) > 6} for kind, values in run.traces.secrets.items()}
    assert seen(Traces(long), written.encode()) == []


def test_what_a_source_keeps_of_a_delivery_is_that_it_happened(run: Run) -> None:
    whole_offer(run)
    kept = json.dumps([[str(cell) for cell in row] for row in Records(run.engine, _KEY).events(source="duo")])

    assert kept.count("made") >= 2
    assert seen(run.traces, kept.encode()) == []
