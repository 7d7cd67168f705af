from pathlib import Path

import pytest
from litestar.testing import TestClient

from blauweknop.adapters.database import open_database
from blauweknop.adapters.holder_settings import HolderSettings, load_holder, load_own_holder
from blauweknop.adapters.scheme_settings import load_scheme
from blauweknop.adapters.settings import load_settings
from blauweknop.adapters.settings_table import SettingsError
from blauweknop.assembly.holder import address_of_return, data_folder, holder_application, local_holder_application
from blauweknop.cli.serve_holder import serve_mine
from blauweknop.domain.errors import BlauweKnopError
from tests.unit.adapters.settings_stand_in import SETTINGS, write_settings
from tests.unit.holder.holder_world import HolderWorld, Person, words

HOLDER = '\n[holder]\npath = "/mijn-gegevens"\ncolour = "#123456"\nnew_accounts = 5\nattempts = 7\n'


def test_the_table_is_read(tmp_path: Path) -> None:
    scheme, storage, holder = load_holder(write_settings(tmp_path, SETTINGS + HOLDER))
    assert (holder.path, holder.colour, holder.new_accounts, holder.attempts) == ("/mijn-gegevens", "#123456", 5, 7)
    assert storage.secret_key_file.name == "secret-key"
    assert scheme.base_url == "https://duo.example"


def test_an_empty_table_means_what_is_usual(tmp_path: Path) -> None:
    assert load_holder(write_settings(tmp_path, SETTINGS + "\n[holder]\n"))[2] == HolderSettings()


def test_others_leave_the_table_alone(tmp_path: Path) -> None:
    path = write_settings(tmp_path, SETTINGS + HOLDER)
    assert load_scheme(path).base_url == "https://duo.example"
    assert load_settings(path).sources


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('path = "/mijn-gegevens"', 'path = "mijn"', "must be a path"),
        ('colour = "#123456"', 'colour = "blue"', "must be a colour"),
        ("new_accounts = 5", "new_accounts = 0", "must be a number"),
        ("attempts = 7", "attempts = -1", "must be a number"),
        ("attempts = 7", "tries = 7", "is not a known setting"),
        ("[holder]", "[verifier]", "is missing"),
        ("[storage]", "[documents]", "is missing"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        load_holder(write_settings(tmp_path, (SETTINGS + HOLDER).replace(old, new)))


def test_on_ones_own_computer_a_first_start_makes_what_is_missing_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "blauweknop"
    for _ in range(2):
        with TestClient(local_holder_application(folder, "http://localhost:8000"), base_url="http://testserver.local") as client:
            assert client.get("/", follow_redirects=False).headers["location"] == "/mijn/"
            assert client.get("/mijn/nieuw").status_code == 200
            assert client.get("/readyz").json() == {"database": "ok"}
    assert folder.stat().st_mode & 0o077 == 0
    assert {path.stat().st_mode & 0o077 for path in folder.iterdir()} == {0}


@pytest.mark.parametrize("has_scheme", [True, False])
def test_on_ones_own_computer_documents_are_checked_with_the_trust_list_of_a_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_scheme: bool
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    of_disk = SETTINGS.replace("https://register.example/trust-list.json", "trust-list.json")
    scheme = load_scheme(write_settings(tmp_path, of_disk)) if has_scheme else None
    app = local_holder_application(tmp_path / "mine", "http://localhost:8000", scheme=scheme)
    with TestClient(app, base_url="http://testserver.local") as client:
        person = Person(HolderWorld(open_database(f"sqlite:///{tmp_path / 'other'}")), client).settle()
        assert ('name="archief"' in person.open("/rechten/inlezen").text) is has_scheme
        assert ("Controleer en bewaar" in words(person.open("/toevoegen").text)) is has_scheme


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BlauweKnopError, match="cannot be made"):
        local_holder_application(tmp_path / "file" / "blauweknop", "http://localhost:8000")


@pytest.mark.parametrize("host", ["10.0.0.7", "192.0.2.7", "mijn.example", "::"])
def test_on_ones_own_computer_nobody_else_is_served(host: str) -> None:
    with pytest.raises(BlauweKnopError, match="this computer only"):
        serve_mine(None, host, 0)


def test_the_data_of_a_user_are_where_the_system_keeps_them(tmp_path: Path) -> None:
    assert data_folder({"XDG_DATA_HOME": "/data"}) == Path("/data/blauweknop")
    assert data_folder({"HOME": "/home/anna"}) == Path("/home/anna/.local/share/blauweknop")


def test_without_the_secret_key_it_does_not_start(tmp_path: Path) -> None:
    path = write_settings(tmp_path, SETTINGS + HOLDER)
    (tmp_path / "secret-key").unlink(missing_ok=True)
    with pytest.raises(BlauweKnopError):
        holder_application(path)


def test_on_ones_own_computer_the_table_is_read_without_a_place_to_keep_things(tmp_path: Path) -> None:
    path = write_settings(tmp_path, (SETTINGS + HOLDER).replace("[storage]", "[documents]"))
    assert load_own_holder(path)[1].path == "/mijn-gegevens"


def test_on_ones_own_computer_the_table_may_be_left_out(tmp_path: Path) -> None:
    scheme, settings = load_own_holder(write_settings(tmp_path, SETTINGS))
    assert (scheme.base_url, settings) == ("https://duo.example", HolderSettings())


def test_sources_send_a_browser_back_to_where_it_came_from() -> None:
    assert address_of_return("http://localhost:8000", HolderSettings()) == "http://localhost:8000/mijn/ophalen/terug"
