"""An item of which an account has one, known by its head alone: the log, the last checks. Several pages may write it at once."""

from collections.abc import Callable

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.vault import ItemHead, Vault

__all__ = ["change_lone_item", "lone_items"]

_AGAIN = 5


def change_lone_item(vault: Vault, head: bytes, change: Callable[[bytes | None], bytes]) -> None:
    """Put what `change` makes of the body in its place; of None when there is no such item yet. Two that do so at once both get it in.

    Beside one that cannot be opened any more a new one begins.

    Raises:
        VaultFull: no room.
        BlauweKnopError: others wrote all the time.
    """
    for _ in range(_AGAIN):
        opened = (vault.read_if_possible(item.id) for item in lone_items(vault, head))
        kept = next((each for each in opened if each is not None), None)
        if kept is None:
            vault.add(head, change(None), spare=True)  # so that a full account still has its log and its checks
            return
        if vault.replace(kept[0], head, change(kept[1])) is not None:
            return
    raise BlauweKnopError("an item was changed by others all the time", remedy="try again")


def lone_items(vault: Vault, head: bytes) -> list[ItemHead]:
    """One, unless two pages began it at the same moment: then who reads takes what is in both."""
    return sorted((item for item in vault.heads() if item.head == head), key=lambda item: item.id)
