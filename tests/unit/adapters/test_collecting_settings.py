"""The table [holder.collect]: what is wrong is said before anything is served."""

from pathlib import Path

import pytest

from blauweknop.adapters.collecting_settings import CollectSettings, collect_settings
from blauweknop.adapters.settings import SettingsError
from blauweknop.adapters.settings_table import read_toml

_WHOLE = """
[collect]
client_id = "https://mijn.example"
key = "key.pem"

[collect.sources.duo]
oin = "00000099000000001000"
issuer = "https://bron.example/duo"
"""


def read(folder: Path, text: str) -> CollectSettings:
    (folder / "key.pem").write_text("x")
    (folder / "settings.toml").write_text(text)
    return collect_settings(read_toml(folder / "settings.toml").table("collect"))


def test_sources_are_read_by_name(tmp_path: Path) -> None:
    settings = read(tmp_path, _WHOLE)
    assert (settings.client_id, settings.copies) == ("https://mijn.example", 10)
    assert settings.sources["duo"].issuer == "https://bron.example/duo"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"00000099000000001000"', '"123"'),
        ("https://bron.example/duo", "https://bron.example/duo/"),
        ("https://bron.example/duo", "https://bron.example/duo?x"),
        ("https://bron.example/duo", "ftp://bron.example/duo"),
        ("https://bron.example/duo", "bron.example"),
        ('key = "key.pem"', 'key = "none.pem"'),
        ('client_id = "https://mijn.example"', ""),
        ("[collect.sources.duo]", "copies = 0\n[collect.sources.duo]"),
        ("[collect.sources.duo]", "colour = 7\n[collect.sources.duo]"),
    ],
)
def test_what_is_wrong_is_refused(tmp_path: Path, right: str, wrong: str) -> None:
    assert right in _WHOLE
    with pytest.raises(SettingsError):
        read(tmp_path, _WHOLE.replace(right, wrong))
