"""The secret of the server is changed: passphrases of before open still, and are kept by the secret of now from then on."""

import pytest

from blauweknop.adapters.row_encryption import RowKey
from tests.unit.holder.filled_vaults import vault_of
from tests.unit.holder.holder_world import NAME, PHRASE, HolderWorld, Person

_NEWER = RowKey.from_secret(bytes(range(1, 33)))


def hashed(purpose: str, value: str) -> bytes:
    return _NEWER.tag(f"holder {purpose}", value)


@pytest.fixture
def owner(world: HolderWorld) -> Person:
    """Whose account was made by the secret of before."""
    made = world.person().settle()
    before = world.services().keyed_hash
    world.changes = {"keyed_hash": hashed, "earlier_keyed_hashes": (before,)}
    return made


def test_a_passphrase_of_before_opens_the_account(world: HolderWorld, owner: Person) -> None:
    again = world.person()
    assert again.unlock().status_code == 303
    assert vault_of(again).account == vault_of(owner).account


def test_a_passphrase_that_opened_needs_the_secret_of_before_no_more(world: HolderWorld, owner: Person) -> None:
    world.person().unlock()
    world.changes = {"keyed_hash": hashed}
    again = world.person()
    assert again.unlock().status_code == 303
    assert len(world.services().accounts.unlocks(vault_of(again).account)) == 2


def test_without_the_secret_of_before_its_passphrases_open_nothing(world: HolderWorld, owner: Person) -> None:
    world.changes = {"keyed_hash": hashed}
    assert world.person().unlock().status_code == 403


@pytest.mark.parametrize(("name", "phrase"), [(NAME, "vier groene paarden dansen"), ("Niemand", PHRASE)])
def test_a_wrong_passphrase_and_an_unknown_name_stay_one_answer(world: HolderWorld, owner: Person, name: str, phrase: str) -> None:
    assert world.person().unlock(name, phrase).status_code == 403


def test_nobody_makes_an_account_that_opens_as_one_of_before(world: HolderWorld, owner: Person) -> None:
    assert world.person().make_account().status_code == 422


def test_nobody_changes_to_a_passphrase_that_opens_an_account_of_before(world: HolderWorld, owner: Person) -> None:
    other = world.person().settle("Ander", "zes blauwe koeien springen")
    assert other.send("/toegang/wachtzin", name=NAME, passphrase=PHRASE, again=PHRASE).status_code == 422
