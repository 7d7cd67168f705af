from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from blauweknop.adapters.api_settings import ApiSettings
from blauweknop.adapters.row_encryption import new_secret_key
from blauweknop.adapters.scheme_settings import load_scheme
from blauweknop.adapters.settings import load_settings
from blauweknop.adapters.settings_table import SettingsError
from blauweknop.adapters.verifier_settings import load_verifier
from tests.suites import PROJECT
from tests.unit.adapters.api_settings_stand_in import API_SETTINGS, write_api_settings
from tests.unit.adapters.settings_stand_in import SETTINGS, write_settings


def api_of(folder: Path, text: str = API_SETTINGS) -> ApiSettings:
    api = load_verifier(write_api_settings(folder, text)).api
    assert api is not None
    return api


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load_verifier(write_api_settings(folder, text))
    assert refused.value.remedy
    assert str(refused.value).startswith("verifier.toml, line ")
    return str(refused.value)


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    settings = load_verifier(write_api_settings(tmp_path))
    api = api_of(tmp_path)
    utrecht, boxtel = api.clients["utrecht"], api.clients["boxtel"]
    assert (api.keep, api.token_life) == (timedelta(hours=12), timedelta(minutes=10))
    assert api.contact.email == "api@controle.example"
    assert (utrecht.requests_per_hour, boxtel.requests_per_hour) == (100, 600)
    assert [f"{credential.kind}: {' '.join(sorted(credential.scopes))}" for credential in utrecht.credentials] == [
        "api-key: verify",
        "public-key: verify verify:watch",
    ]
    assert utrecht.receiver is not None
    assert utrecht.receiver.url == "https://zaken.utrecht.example/in"
    assert boxtel.receiver is None
    assert settings.storage is not None
    assert settings.storage.url == f"sqlite:///{tmp_path}/controle.db"


def test_the_last_day_of_a_key_is_a_whole_day_on_dutch_clocks(tmp_path: Path) -> None:
    credential = api_of(tmp_path).clients["utrecht"].credentials[0]
    assert credential.usable_at(datetime(2027, 6, 30, 21, 59, 59, tzinfo=UTC))
    assert not credential.usable_at(datetime(2027, 6, 30, 22, 0, tzinfo=UTC))


def test_a_key_that_was_revoked_is_not_there(tmp_path: Path) -> None:
    text = API_SETTINGS.replace("expires = 2027-06-30", "revoked = true")
    assert [credential.name for credential in api_of(tmp_path, text).clients["utrecht"].credentials] == ["tweede"]


def test_two_secrets_are_kept_while_a_webhook_changes_them(tmp_path: Path) -> None:
    text = API_SETTINGS.replace('secret_files = ["webhook"]', 'secret_files = ["webhook", "secret-key"]')
    receiver = api_of(tmp_path, text).clients["utrecht"].receiver
    assert receiver is not None
    assert len(set(receiver.secrets)) == 2


def test_a_check_page_without_api_reads_no_database(tmp_path: Path) -> None:
    head = API_SETTINGS[: API_SETTINGS.index("[api]")]
    settings = load_verifier(write_api_settings(tmp_path, head.replace("sqlite:///controle.db", "nonsense")))
    assert (settings.api, settings.storage) == (None, None)


def test_an_api_without_database_serves_clients_that_are_told_nothing_later(tmp_path: Path) -> None:
    storage = API_SETTINGS[API_SETTINGS.index("[storage]") : API_SETTINGS.index("[api]")]
    utrecht = API_SETTINGS[API_SETTINGS.index("[api.clients.utrecht]") : API_SETTINGS.index("[api.clients.boxtel]")]
    settings = load_verifier(write_api_settings(tmp_path, API_SETTINGS.replace(storage, "").replace(utrecht, "")))
    assert settings.storage is None
    assert settings.api is not None
    assert list(settings.api.clients) == ["boxtel"]


def test_a_source_may_share_the_file(tmp_path: Path) -> None:
    api = API_SETTINGS[API_SETTINGS.index("[api]") :]
    path = write_settings(tmp_path, SETTINGS + api)
    write_api_settings(tmp_path)
    (tmp_path / "webhook").chmod(0o600)
    assert load_settings(path).scheme == load_scheme(path) == load_verifier(path).scheme


def test_the_example_of_the_documentation_works(tmp_path: Path) -> None:
    page = (PROJECT / "docs" / "roles" / "verifier.md").read_text("utf-8")
    example = page.partition("## From a system")[2].partition("```toml\n")[2].partition("```")[0]
    new_secret_key(tmp_path / "zaaksysteem-webhook")
    head = API_SETTINGS[: API_SETTINGS.index("[storage]")]
    client = api_of(tmp_path, head + example).clients["zaaksysteem"]
    assert client.receiver is not None
    assert client.credentials[0].key is not None


BROKEN = [
    ('name = "Beheer"\n', "", "api.contact.name is missing"),
    ("[api.clients.utrecht]", "[api.clients.Utrecht]", "has an unsuitable name"),
    ('scopes = ["verify", "verify:watch"]', 'scopes = ["alles"]', "api.clients.utrecht.scopes has an unknown scope"),
    ('scopes = ["verify", "verify:watch"]', "scopes = []", "api.clients.utrecht.scopes has an unknown scope"),
    ('scopes = ["verify"]\nexpires', 'scopes = ["verify:data"]\nexpires', "credentials.eerste.scopes has an unknown scope"),
    ('kind = "api-key"', 'kind = "password"', "kind has an unknown value"),
    (f'sha256 = "{"ab" * 32}"', 'sha256 = "bk_geheim"', "sha256 must be a SHA-256"),
    (f'sha256 = "{"ab" * 32}"\n', "", "sha256 is missing"),
    (f'sha256 = "{"cd" * 32}"', f'sha256 = "{"ab" * 32}"', "has the same key or secret as another"),
    ("expires = 2027-06-30", 'expires = "2027-06-30"', "expires must be a day"),
    ("expires = 2027-06-30", "expires = 2027-06-30T12:00:00Z", "expires must be a day"),
    ('crv = "P-256"', 'crv = "P-384"', "jwk is not a public P-256 key"),
    ('kty = "EC"', 'kty = "EC", d = "geheim"', "jwk is not a public P-256 key"),
    ('url = "https://zaken.utrecht.example/in"', 'url = "http://zaken.utrecht.example/in"', "webhook.url must be an https address"),
    ('url = "https://zaken.utrecht.example/in"', 'url = "http://127.0.0.1/in"', "webhook.url must be an https address"),
    ('secret_files = ["webhook"]', "secret_files = []", "secret_files must name one or two files"),
    ('secret_files = ["webhook"]', 'secret_files = ["webhook", "webhook", "webhook"]', "secret_files must name one or two files"),
    ('secret_files = ["webhook"]', 'secret_files = ["weg"]', "names a file that is not there"),
    ('secret_files = ["webhook"]', 'secret_files = ["verifier.toml"]', "secret_files cannot be used"),
    ("requests_per_hour = 100", "requests_per_hour = 0", "requests_per_hour must be a number"),
    ("keep_hours = 12", "keep_hours = 169", "keep_hours must be a number"),
    ("keep_hours = 12", "keep_hours = 12\ntoken_seconds = 3601", "token_seconds must be a number"),
    ("keep_hours = 12", "keep_hours = 12\nkeep_days = 1", "api.keep_days is not a known setting"),
]


@pytest.mark.parametrize(("good", "bad", "words"), BROKEN, ids=[row[2] for row in BROKEN])
def test_a_mistake_is_named_with_its_line_and_remedy(tmp_path: Path, good: str, bad: str, words: str) -> None:
    assert good in API_SETTINGS
    found = refusal(tmp_path, API_SETTINGS.replace(good, bad, 1))
    assert words in found
    assert "geheim" not in found


def test_a_client_must_have_a_way_to_prove_itself(tmp_path: Path) -> None:
    text = API_SETTINGS[: API_SETTINGS.index("[api.clients.boxtel.credentials")] + "[api.clients.boxtel.credentials]\n"
    assert "must have one to 20 credentials" in refusal(tmp_path, text)


def test_who_wants_to_watch_must_say_where_it_is_told(tmp_path: Path) -> None:
    webhook = API_SETTINGS[API_SETTINGS.index("[api.clients.utrecht.webhook]") : API_SETTINGS.index("[api.clients.boxtel]")]
    assert "lets this client watch documents" in refusal(tmp_path, API_SETTINGS.replace(webhook, ""))


def test_a_webhook_needs_a_database(tmp_path: Path) -> None:
    storage = API_SETTINGS[API_SETTINGS.index("[storage]") : API_SETTINGS.index("[api]")]
    assert "webhook needs a database" in refusal(tmp_path, API_SETTINGS.replace(storage, ""))


def test_a_secret_file_that_everyone_can_read_is_refused(tmp_path: Path) -> None:
    path = write_api_settings(tmp_path)
    (tmp_path / "webhook").chmod(0o644)
    with pytest.raises(SettingsError, match="everyone on this machine can read"):
        load_verifier(path)
