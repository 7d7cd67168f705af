from pathlib import Path

import pytest

from blauweknop.adapters.pkcs11_uri import HardwareKey
from blauweknop.adapters.scheme_settings import load_scheme
from blauweknop.adapters.settings import load_settings
from blauweknop.adapters.settings_reports import ReportSettings, load_report_settings
from blauweknop.adapters.settings_table import SettingsError
from blauweknop.adapters.verifier_settings import load_verifier
from blauweknop.checking.verification_report import CheckService
from tests.unit.adapters.settings_stand_in import SETTINGS, write_settings

VERIFIER = """
[verifier]
name = "Controledienst van de gemeente"
oin = "00000099000000004000"

[verifier.seal]
key = "seal-key.pem"
certificate = "seal.pem"
chain = ["issuing.pem"]
crls = ["root.crl"]

[verifier.credential]
key = "seal-key.pem"
certificate = "seal.pem"
"""
OWN = 'oin = "00000099000000004000"'
RECEIVER = SETTINGS[: SETTINGS.index("[storage]")]


def loaded(folder: Path, text: str) -> ReportSettings:
    found = load_report_settings(write_settings(folder, text))
    assert found is not None
    return found


def test_who_runs_the_check_is_read(tmp_path: Path) -> None:
    settings = loaded(tmp_path, SETTINGS + VERIFIER)
    assert settings.service == CheckService("Controledienst van de gemeente", "00000099000000004000")
    assert settings.colour == "#154273"
    assert (settings.seal.key, settings.seal.chain) == (tmp_path / "seal-key.pem", (tmp_path / "issuing.pem",))
    assert settings.credential.certificate == tmp_path / "seal.pem"
    assert settings.time_stamp is not None
    assert settings.time_stamp.urls == ("https://tijd.example",)


def test_a_receiver_without_sources_and_time_stamps_may_report(tmp_path: Path) -> None:
    assert loaded(tmp_path, RECEIVER + VERIFIER).time_stamp is None
    assert load_verifier(write_settings(tmp_path, RECEIVER + VERIFIER)).reports is not None


def test_without_the_table_there_are_no_reports(tmp_path: Path) -> None:
    assert load_report_settings(write_settings(tmp_path)) is None
    assert load_verifier(write_settings(tmp_path, RECEIVER)).reports is None


def test_the_table_stands_beside_those_of_others(tmp_path: Path) -> None:
    path = write_settings(tmp_path, SETTINGS + VERIFIER)
    assert load_settings(path).scheme == load_scheme(path)


def test_the_key_may_be_in_hardware(tmp_path: Path) -> None:
    (tmp_path / "module.so").touch()
    key = 'key = "pkcs11:token=controle;object=zegel;type=private"\nmodule = "module.so"\npin_variable = "SEAL_PIN"'
    assert isinstance(loaded(tmp_path, RECEIVER + VERIFIER.replace('key = "seal-key.pem"', key, 1)).seal.key, HardwareKey)


def test_the_check_service_may_have_another_identifier(tmp_path: Path) -> None:
    text = VERIFIER.replace(OWN, 'identifier = "NTRNL-12345678"')
    assert loaded(tmp_path, RECEIVER + text).service.identifier == "NTRNL-12345678"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (OWN, "", "verifier.oin must say who runs the check"),
        (
            'oin = "00000099000000004000"',
            'oin = "00000099000000004000"\nidentifier = "NTRNL-1"',
            "verifier.oin must say who runs the check",
        ),
        (OWN, 'oin = "4000"', "verifier.oin must be an OIN"),
        (OWN, 'identifier = "kvk 1"', "verifier.identifier must be an identifier"),
        ('name = "Controledienst van de gemeente"', "", "verifier.name is missing"),
        ('name = "Controledienst van de gemeente"', f'name = "{"x" * 61}"', "verifier.name cannot stand on a letter"),
        ('name = "Controledienst van de gemeente"', 'name = "a\\u202eb"', "verifier.name cannot stand on a letter"),
        ('name = "Controledienst van de gemeente"', 'name = " a"', "verifier.name cannot stand on a letter"),
        ("\n[verifier.seal]", 'colour = "blue"\n[verifier.seal]', "verifier.colour must be a colour"),
        ("\n[verifier.seal]", "remark = 1\n[verifier.seal]", "verifier.remark is not a known setting"),
        ('crls = ["root.crl"]', 'crls = ["gone.crl"]', "verifier.seal.crls names a file that is not there"),
        ("[verifier.credential]", "[verifier.other]", "verifier.credential is missing"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_remedy(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in VERIFIER
    with pytest.raises(SettingsError) as refused:
        load_report_settings(write_settings(tmp_path, RECEIVER + VERIFIER.replace(old, new, 1)))
    assert said in str(refused.value)
    assert str(refused.value).startswith("blauweknop.toml, line ")
    assert refused.value.remedy
