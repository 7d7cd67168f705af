from pathlib import Path

import pytest

from blauweknop.adapters.pkcs11_uri import HardwareKey, KeyAddress
from blauweknop.adapters.settings import SettingsError, TimeStampSettings, load_settings
from tests.unit.adapters.settings_stand_in import SETTINGS, write_settings

_FILE_KEY = 'key = "seal-key.pem"'
_HARDWARE_KEY = 'key = "pkcs11:token=duo;object=zegel;type=private"\nmodule = "bron.db"\npin_file = "secret-key"'
_URL = 'url = "https://tijd.example"'


def test_a_seal_key_may_be_in_hardware(tmp_path: Path) -> None:
    file = write_settings(tmp_path, SETTINGS.replace(_FILE_KEY, _HARDWARE_KEY))
    assert load_settings(file).sources["duo"].seal.key == HardwareKey(
        KeyAddress(token="duo", object="zegel"), tmp_path / "bron.db", tmp_path / "secret-key"
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('pin_file = "secret-key"', "", "seal.key needs one place of its PIN"),
        ('pin_file = "secret-key"', 'pin_file = "secret-key"\npin_variable = "PIN"', "seal.key needs one place of its PIN"),
        ('pin_file = "secret-key"', 'pin_variable = "123456"', "seal.pin_variable must be the name of an environment variable"),
        ('pin_file = "secret-key"', 'pin_file = "lost"', "seal.pin_file names a file that is not there"),
        ('module = "bron.db"', 'module = "lost.so"', "seal.module names a file that is not there"),
        ('module = "bron.db"', "", "seal.module is missing"),
        ("object=zegel;", "", "seal.key cannot be used: the address does not say"),
        ('module = "bron.db"', 'module = "bron.db"\nsessions = 0', "seal.sessions must be a number from 1 to 64"),
    ],
)
def test_a_hardware_key_that_cannot_work_is_named(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in _HARDWARE_KEY
    file = write_settings(tmp_path, SETTINGS.replace(_FILE_KEY, _HARDWARE_KEY.replace(old, new)))
    with pytest.raises(SettingsError, match=problem) as refused:
        load_settings(file)
    assert "123456" not in f"{refused.value} {refused.value.remedy}"


def test_one_authority_is_asked_as_before(tmp_path: Path) -> None:
    assert load_settings(write_settings(tmp_path)).time_stamp == TimeStampSettings(("https://tijd.example",))


def test_several_authorities_are_asked_in_their_order(tmp_path: Path) -> None:
    lines = """urls = ["https://b.example", "https://a.example"]
certificates = ["issuing.pem"]
timeout_seconds = 2
attempts = 3
when_unavailable = "seal_without"
"""
    found = load_settings(write_settings(tmp_path, SETTINGS.replace(_URL, lines))).time_stamp
    assert found == TimeStampSettings(("https://b.example", "https://a.example"), None, (tmp_path / "issuing.pem",), 2.0, 3, True)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("urls = []", "time_stamp.urls names no authority, or one twice"),
        ('urls = ["https://a.example", "https://a.example"]', "time_stamp.urls names no authority, or one twice"),
        ('urls = ["https://a.example"]\nurl = "https://b.example"', "time_stamp.urls names no authority, or one twice"),
        ('urls = ["http://a.example"]', "time_stamp.urls must be an https address"),
        (f"{_URL}\nattempts = 0", "time_stamp.attempts must be a number from 1 to 10"),
        (f"{_URL}\nattempts = true", "time_stamp.attempts must be a whole number"),
        (f"{_URL}\ntimeout_seconds = -1", "time_stamp.timeout_seconds must be"),
        (f'{_URL}\nwhen_unavailable = "ignore"', "time_stamp.when_unavailable has an unknown value"),
        (f'{_URL}\ncertificates = ["lost.pem"]', "time_stamp.certificates names a file that is not there"),
    ],
)
def test_time_stamps_that_cannot_work_are_named(tmp_path: Path, lines: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        load_settings(write_settings(tmp_path, SETTINGS.replace(_URL, lines)))
