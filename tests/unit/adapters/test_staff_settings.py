from pathlib import Path

import pytest

from blauweknop.adapters.settings_table import SettingsError, read_toml
from blauweknop.adapters.staff_settings import StaffAgreement, staff_settings
from blauweknop.verifier.staff.ports import Role

GOOD = """
issuer = "https://inloggen.gemeente.example"
client_id = "schuldhulp"
key = "sleutel.pem"
acr = "urn:gemeente:sterk"
[roles]
"BK-hulp" = "medewerker"
"""


def read(folder: Path, text: str) -> StaffAgreement:
    (folder / "sleutel.pem").touch()
    (folder / "staff.toml").write_text(text, "utf-8")
    return staff_settings(read_toml(folder / "staff.toml"), exercise=False)


def test_what_is_not_said_is_strict(tmp_path: Path) -> None:
    login = read(tmp_path, GOOD).login("https://hulp.example/schuldhulp")
    assert login.redirect_uri == "https://hulp.example/schuldhulp/inloggen/terug"
    assert login.require_callback_issuer
    assert login.bsn_claim is None
    assert list(login.levels) == ["urn:gemeente:sterk"]


def test_what_the_provider_says_becomes_a_role(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD).roles == {"BK-hulp": Role.WORKER}


def test_with_keys_to_decrypt_every_id_token_must_be_encrypted(tmp_path: Path) -> None:
    settings = read(tmp_path, 'decryption_keys = ["sleutel.pem"]' + GOOD)
    assert settings.login("https://hulp.example").require_encrypted_id_token


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"medewerker"', '"directeur"'),
        ('"BK-hulp" = "medewerker"', ""),
        ("https://inloggen", "http://inloggen"),
        ('acr = "urn:gemeente:sterk"', ""),
        ('"sleutel.pem"', '"weg.pem"'),
        ("client_id", "client"),
        ('acr = "urn', 'scope = "profile"\nacr = "urn'),
    ],
)
def test_what_cannot_work_is_refused(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(SettingsError):
        read(tmp_path, GOOD.replace(old, new))
