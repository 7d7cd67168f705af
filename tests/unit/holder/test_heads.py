"""What all heads of one kind have in common: another kind is nobody's error, another version is."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.heads import head_with, item_of_key, members_of_head
from blauweknop.standards.strict_json import canonical_json
from tests.unit.holder.filled_vaults import vault_of
from tests.unit.holder.holder_world import HolderWorld


def test_what_is_written_can_be_read() -> None:
    kept = members_of_head(head_with("link", {"receiver": "Ontvanger"}), "link")
    assert kept is not None
    assert kept["receiver"] == "Ontvanger"


def test_a_head_of_another_kind_is_none() -> None:
    assert members_of_head(head_with("link", {}), "request") is None
    assert members_of_head(b"{}", "request") is None


@pytest.mark.parametrize("form", [0, 2, "1", None])
def test_a_head_of_another_version_is_refused(form: object) -> None:
    with pytest.raises(MalformedValue):
        members_of_head(canonical_json({"form": form, "kind": "link"}), "link")  # type: ignore[dict-item] # also what is no JSON of ours


@given(st.binary(max_size=60))
def test_what_is_no_head_is_refused_or_none(head: bytes) -> None:
    with suppress(MalformedValue):
        assert members_of_head(head, "link") is None


def test_an_item_has_one_key(world: HolderWorld) -> None:
    vault = vault_of(world.person().settle())
    item = vault.add(head_with("link", {"receiver": "Ontvanger"}), b"body").id
    found = item_of_key(vault, item.hex())
    assert found is not None
    assert found[1] == b"body"
    for key in (item.hex().upper() + " ", f" {item.hex()}", item.hex()[:-2], "zz", "", "é"):
        assert item_of_key(vault, key) is None
