from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from blauweknop.verifier.afterwards.erasing import erase_what_is_over
from blauweknop.verifier.afterwards.withdrawing import take_withdrawal, withdraw_by_link
from tests.databases import with_tables
from tests.unit.verifier.afterwards.afterwards_world import AfterwardsWorld


@pytest.fixture
def world(database_url: str) -> Iterator[AfterwardsWorld]:
    engine = with_tables(database_url)
    yield AfterwardsWorld(engine)
    engine.dispose()


def test_a_withdrawal_by_key_or_link_leaves_the_proofs(world: AfterwardsWorld) -> None:
    by_key, by_link = world.share(), world.share(key=None)
    assert take_withdrawal(world.withdrawal(by_key), world.services())
    assert withdraw_by_link(by_link.link, world.services())
    assert world.rows() == {"verifier_sharings": 2}


def test_the_end_of_the_retention_leaves_the_proofs(world: AfterwardsWorld) -> None:
    world.share(days=1)
    world.share(days=1, key=None)
    world.share(days=2)
    world.later(days=1)
    assert erase_what_is_over(world.services(), world.now) == 2
    assert world.rows()["verifier_dossiers"] == 1


def test_two_withdrawals_at_once_get_one_proof(world: AfterwardsWorld) -> None:
    shared = world.share()
    with ThreadPoolExecutor(4) as pool:
        proofs = set(pool.map(lambda _: take_withdrawal(world.withdrawal(shared), world.services()), range(4)))
    assert len(proofs) == 1
    assert world.rows() == {"verifier_sharings": 1}
