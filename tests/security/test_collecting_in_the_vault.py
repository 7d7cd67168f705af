"""What was fetched, and what is still to come, stands in the database of Mijn Blauwe Knop, and nobody reads it there (T-36); a program that
ends at once while it fetches leaves nothing half-done.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from blauweknop.domain.document import Unavailable
from blauweknop.domain.verdict import Verdict
from blauweknop.holder.collecting.connection import BUSY_FOR
from blauweknop.holder.collecting.connection_secrets import ConnectionSecrets
from blauweknop.holder.items import ConnectionItem, OwnPaperItem, head_of
from blauweknop.holder.keeping import items_of
from tests.unit.holder.collecting.collecting_world import CollectingWorld, judged
from tests.unit.holder.filled_vaults import vault_of
from tests.unit.holder.holder_world import HolderWorld, holder_world
from tests.unit.issuer.source_world import DEBT, GRANT, found
from tests.unit.issuer.wallet.wallet_world import WalletWorld, wallet_world


@pytest.fixture(scope="module")
def one_issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WalletWorld]:
    with wallet_world(tmp_path_factory.mktemp("issuer")) as made:
        yield made


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[HolderWorld]:
    with holder_world(tmp_path) as made:
        yield made


@pytest.fixture
def here(one_issuer: WalletWorld, holder: HolderWorld) -> CollectingWorld:
    one_issuer.reset()
    made = CollectingWorld(one_issuer)
    made.vault = vault_of(holder.person().settle())
    return made


def bytes_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_nothing_of_a_person_or_source_stands_readable_in_the_files(here: CollectingWorld, tmp_path: Path) -> None:
    here.issuer.world.answers[GRANT.id] = Unavailable("timeout")
    connection = here.come_back(DEBT, GRANT, outcomes={DEBT.id: found(DEBT), GRANT.id: Unavailable("timeout")})
    here.work(connection)
    here.vault.add(head_of(OwnPaperItem("Huurcontract Kastanjelaan", "application/pdf", 20, here.now)), b"%PDF-1.7 huurcontract")
    subject = found(DEBT).snapshot.subject
    secrets = here.secrets(connection)
    assert b"token" in secrets
    hidden = [
        subject.family_name.encode(),
        subject.given_name.encode(),
        DEBT.id.encode(),
        b"studiefinanciering",
        b'"DUO"',
        here.source.oin.encode(),
        b"duo.example",
        b"%PDF-",
        b"dc+sd-jwt",
        b"Huurcontract",
        *(part for part in secrets.split(b'"') if len(part) >= 40),
    ]
    taken = bytes_in(tmp_path)

    assert len(taken) > 100_000
    assert [value for value in hidden if value in taken] == []


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_program_that_ends_at_once_while_it_fetches_leaves_nothing_half_done(
    here: CollectingWorld, holder: HolderWorld, number: int
) -> None:
    connection = here.come_back(DEBT, GRANT)
    here.check = _dying_at(number)
    with pytest.raises(_Killed):
        here.work(connection)
    here.check = judged
    here.issuer.world.later(seconds=BUSY_FOR.total_seconds())
    stands = here.work(connection)

    assert {state for state, _ in stands.values()} <= {"fetched", "failed"}
    assert {reason for state, reason in stands.values() if state == "failed"} <= {"denied"}  # delivered, and lost with the program
    assert sum(state == "failed" for state, _ in stands.values()) <= 1
    fetched = {name for name, (state, _) in stands.items() if state == "fetched" and name.endswith(".document")}
    assert {f"{item.dataset}.document" for item in here.documents} == fetched
    assert ConnectionSecrets.from_bytes(here.secrets(connection)).bearer.token is None
    assert sum(isinstance(item, ConnectionItem) for _, item in items_of(here.vault)) == 1


class _Killed(BaseException):
    """The end of the program: nobody catches it, and nothing of ours runs after it."""


def _dying_at(number: int) -> Callable[[bytes, datetime], Verdict]:
    checked: list[bytes] = []

    def check(data: bytes, at: datetime) -> Verdict:
        checked.append(data)
        if len(checked) == number:
            raise _Killed
        return judged(data, at)

    return check
