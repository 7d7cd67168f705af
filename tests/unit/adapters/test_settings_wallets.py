from pathlib import Path

import pytest

from blauweknop.adapters.settings import load_settings
from blauweknop.adapters.settings_table import SettingsError
from blauweknop.adapters.wallet_settings import WalletSettings
from tests.unit.adapters.settings_stand_in import SETTINGS, write_settings


def loaded(folder: Path, wallets: str) -> WalletSettings:
    found = load_settings(write_settings(folder, f"{SETTINGS}\n[wallets]\n{wallets}\n")).wallets
    assert found is not None
    return found


def test_without_a_link_of_its_own_a_source_opens_any_wallet(tmp_path: Path) -> None:
    assert loaded(tmp_path, "").link is None


@pytest.mark.parametrize("link", ["https://wallet.example/", "haip-vci://", "nl.voorbeeld.wallet://aanbod", "http://127.0.0.1:8000/x"])
def test_what_opens_a_wallet_is_an_address_or_a_scheme(tmp_path: Path, link: str) -> None:
    assert loaded(tmp_path, f'link = "{link}"').link == link


@pytest.mark.parametrize(
    "link", ["", "wallet", "http://wallet.example/", "https://wallet.example/?x=1", "https://wallet.example/#x", "javascript:alert(1)//"]
)
def test_anything_else_opens_no_wallet(tmp_path: Path, link: str) -> None:
    with pytest.raises(SettingsError, match="link"):
        loaded(tmp_path, f'link = "{link}"')
