import re
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.adapters.scheme_settings import has_sources, load_scheme
from blauweknop.adapters.settings import SettingsError, load_settings
from blauweknop.adapters.settings_table import read_toml
from blauweknop.adapters.sources import SqlAdapter
from blauweknop.domain.dataset import AssuranceLevel
from tests.unit.adapters.settings_stand_in import SETTINGS, write_settings


def refusal(folder: Path, text: str) -> SettingsError:
    with pytest.raises(SettingsError) as refused:
        load_settings(write_settings(folder, text))
    assert refused.value.remedy
    assert str(refused.value).startswith("blauweknop.toml, line ")
    return refused.value


def line_of(part: str, text: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    settings = load_settings(write_settings(tmp_path))

    source = settings.sources["duo"]
    adapter = source.datasets["duo.studiefinanciering"].adapter
    assert (source.identity.oin.digits, source.path, source.colour) == ("00000099000000001001", "/duo", "#b84a00")
    assert source.seal.chain == (tmp_path / "issuing.pem",)
    assert source.login.levels == {"urn:digid:25": AssuranceLevel.SUBSTANTIAL, "urn:digid:20": AssuranceLevel.LOW}
    assert source.login.longest_id_token_life == timedelta(minutes=5)
    assert isinstance(adapter, SqlAdapter)
    assert (adapter.timeout_seconds, adapter.url) == (3.0, f"sqlite:///{tmp_path}/bron.db")
    assert not settings.scheme.is_exercise


@pytest.mark.parametrize(("level", "proofs"), [("B-T", None), ("B-LT", "B-LT"), ("B-LTA", "B-LTA")])
def test_a_source_says_which_proofs_its_documents_get(tmp_path: Path, level: str, proofs: str | None) -> None:
    path = write_settings(tmp_path, f'{SETTINGS}\n[documents]\nlevel = "{level}"\n')

    assert load_settings(path).proofs == proofs
    assert load_scheme(path) == load_settings(path).scheme


def test_a_level_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    assert "documents.level has an unknown value" in str(refusal(tmp_path, f'{SETTINGS}\n[documents]\nlevel = "B-B"\n'))


def test_the_login_gets_its_own_addresses_later(tmp_path: Path) -> None:
    login = load_settings(write_settings(tmp_path)).sources["duo"].login

    settings = login.settings(redirect_uri="https://duo.example/duo/terug", post_logout_redirect_uri="https://duo.example/duo/uit")

    assert (settings.issuer, settings.acr_for(AssuranceLevel.LOW)) == ("https://login.example", "urn:digid:20")


def test_the_example_of_the_documentation_works(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "roles" / "source.md").read_text("utf-8")
    text = page.partition("```toml\n")[2].partition("```")[0]
    for name in re.findall(r'"(keys/[a-z-]+\.[a-z]+)"', text):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    settings = load_settings(write_settings(tmp_path, text))

    assert list(settings.sources["duo"].datasets) == ["duo.studieschuld"]


SCHEME_ONLY = SETTINGS[: SETTINGS.index("[storage]")]


def test_a_receiver_needs_the_scheme_only(tmp_path: Path) -> None:
    path = write_settings(tmp_path, SCHEME_ONLY)

    assert load_scheme(path).check_url == "https://controle.example"
    assert not has_sources(path)


def test_the_example_of_a_check_page_works(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "roles" / "command-line.md").read_text("utf-8")
    text = textwrap.dedent(page.partition("  ```toml\n")[2].partition("  ```")[0])

    assert not load_scheme(write_settings(tmp_path, text)).is_exercise


def test_a_receiver_may_share_the_file_of_a_source(tmp_path: Path) -> None:
    path = write_settings(tmp_path)

    assert load_scheme(path) == load_settings(path).scheme
    assert has_sources(path)


def test_a_receiver_is_told_of_a_table_that_nobody_knows(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"line 8: opslag is not a known setting"):
        load_scheme(write_settings(tmp_path, f"{SCHEME_ONLY}[opslag]\nurl = 'x'\n"))


@pytest.mark.parametrize("table", ["storage", "time_stamp", "sources"])
def test_a_source_is_told_which_table_it_misses(table: str, tmp_path: Path) -> None:
    kept = [part for part in re.split(r"(?m)^(?=\[)", SETTINGS) if not part.startswith((f"[{table}]", f"[{table}."))]

    problem = refusal(tmp_path, "".join(kept))

    assert f"{table} is missing" in str(problem)
    assert f"[{table}]" in str(problem.remedy)


# what is in the file -> what it becomes, and the words the error must have
BROKEN = [
    ('environment = "production"', 'environment = "test"', "scheme.environment has an unknown value"),
    ('base_url = "https://duo.example"', 'base_url = "http://duo.example"', "scheme.base_url must be an https address"),
    ('base_url = "https://duo.example"', 'base_url = "http://127.0.0.1:8000"', "scheme.base_url must be an https address"),
    ('check_url = "https://controle.example"', 'check_url = "https://a:b@c.example"', "scheme.check_url must be an https address"),
    ('trust_anchor = "anchor.pem"\n', "", "scheme.trust_anchor is missing"),
    ('trust_anchor = "anchor.pem"', 'trust_anchor = "anchor.pem"\ntrust_ancor = "x"', "scheme.trust_ancor is not a known setting"),
    ('url = "postgresql+psycopg://issuer@db.example/issuer"', 'url = "database"', "storage.url must be an address of a database"),
    ('url = "https://tijd.example"', "", "time_stamp.url is missing"),
    ('kind = "duo"', 'kind = "school"', "sources.duo.kind has an unknown value"),
    ('oin = "00000099000000001001"', 'oin = "123"', "sources.duo.oin must be an OIN"),
    ('oin = "00000099000000001001"', "oin = 99000000001001", "sources.duo.oin must be a text"),
    ('name = "DUO"', 'name = ""', "sources.duo.name is empty"),
    ('path = "/duo"', 'path = "duo"', "sources.duo.path must be a path"),
    ('colour = "#b84a00"', 'colour = "orange"', "sources.duo.colour must be a colour"),
    ('key = "seal-key.pem"', 'key = "lost.pem"', "sources.duo.seal.key names a file that is not there"),
    ('chain = ["issuing.pem"]', 'chain = ["lost.pem"]', "sources.duo.seal.chain names a file that is not there"),
    ('chain = ["issuing.pem"]', 'chain = "issuing.pem"', "sources.duo.seal.chain must be a list"),
    ('"urn:digid:20" = "low"', '"urn:digid:20" = "laag"', "sources.duo.login.levels has an unknown level"),
    ('decryption_keys = ["login.pem"]\n', "", "sources.duo.login.decryption_keys is missing"),
    ('client_id = "duo"', 'client_id = "duo"\nscope = "profile"', "sources.duo.login cannot work"),
    ('datasets."duo.studiefinanciering"]', 'datasets."duo.studieschulden"]', "is not in the catalogue"),
    ('datasets."duo.studiefinanciering"]', 'datasets."uwv.verzekeringsbericht"]', "is not a data set of duo"),
    ('adapter = "sql"', 'adapter = "soap"', "adapter has an unknown value"),
    ('url = "sqlite:///bron.db"', 'url = "sqlite:///weg.db"', "names a file that is not there"),
    ('url = "sqlite:///bron.db"', 'url = "bron"', "is not the address of a database"),
    ('url = "sqlite:///bron.db"', 'url = "paradox://bron"', "is not the address of a database"),
    ('url = "sqlite:///bron.db"', 'url = "mysql+mysqldb://bron"', "is not the address of a database"),
    ("WHERE bsn = :bsn", "WHERE bsn = 1", "does not ask for one person"),
    ("timeout_seconds = 3", "timeout_seconds = -3", "must be a number of seconds"),
    ("timeout_seconds = 3", "timeout_seconds = true", "must be a number of seconds"),
    ('subject.given_name = "voornaam"\n', "", "given_name must be a column name"),
    ('studiefinanciering_ontvangt = { from = "actief", as = "boolean:J/N" }\n', "", "comes from"),
    ('as = "boolean:J/N"', 'as = "boolean:J"', "must name the words for yes and no"),
    ('as = "boolean:J/N"', 'as = "euro_text"', "does not go with a field of type boolean"),
    ('as = "euro_text"', 'as = "guldens"', "does not go with a field of type eurocent"),
    ('lening = { from = "lening", as = "euro_text" }', 'leening = "lening"', "leening is not a field of this data set"),
    ('from = "lening", as', 'form = "lening", as', "form is not a known setting"),
    ('from = "lening", as', 'from = "lening", constant = 5, as', "must have exactly one of from, by_presence and constant"),
]


@pytest.mark.parametrize(("good", "bad", "words"), BROKEN, ids=[row[2] for row in BROKEN])
def test_a_mistake_is_named_with_its_line_and_remedy(tmp_path: Path, good: str, bad: str, words: str) -> None:
    assert good in SETTINGS

    problem = refusal(tmp_path, SETTINGS.replace(good, bad, 1))

    assert words in str(problem)


@pytest.mark.parametrize("part", ["colour", "client_id", "lening", "crls"])
def test_the_line_is_that_of_the_mistake(tmp_path: Path, part: str) -> None:
    text = "\n".join(f"{part} = 5" if line.startswith(f"{part} =") else line for line in SETTINGS.splitlines())

    assert f"line {line_of(f'{part} = 5', text)}:" in str(refusal(tmp_path, text))


def test_a_missing_key_is_named_at_its_table(tmp_path: Path) -> None:
    text = SETTINGS.replace('client_id = "duo"\n', "")

    assert f"line {line_of('[sources.duo.login]', text)}: sources.duo.login.client_id is missing" in str(refusal(tmp_path, text))


def test_two_sources_cannot_have_one_path(tmp_path: Path) -> None:
    second = SETTINGS[SETTINGS.index("[sources.duo]") :].replace("sources.duo", "sources.nogeens")

    assert "has the same path as another source" in str(refusal(tmp_path, SETTINGS + second))


def test_a_file_without_sources_is_refused(tmp_path: Path) -> None:
    text = SETTINGS[: SETTINGS.index("[sources.duo]")] + "[sources]\n"

    assert "sources has no source" in str(refusal(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"weg\.toml: this file cannot be read"):
        load_settings(tmp_path / "weg.toml")


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = write_settings(tmp_path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings(path)


def test_broken_notation_is_named_with_its_line_and_never_its_value(tmp_path: Path) -> None:
    path = write_settings(tmp_path, SETTINGS + "\ngeheim = wachtwoord123\n")
    with pytest.raises(SettingsError) as refused:
        load_settings(path)

    assert f"line {len(SETTINGS.splitlines()) + 2}" in str(refused.value)
    assert "wachtwoord" not in str(refused.value)


def test_a_secret_in_an_address_is_in_no_error_and_no_repr(tmp_path: Path) -> None:
    text = SETTINGS.replace("issuer@db.example", "issuer:geheim123@db.example").replace(
        'secret_key_file = "secret-key"', "secret_key_file = 5"
    )
    assert "geheim123" not in str(refusal(tmp_path, text))

    whole = text.replace("secret_key_file = 5", 'secret_key_file = "secret-key"')
    assert "geheim123" not in repr(load_settings(write_settings(tmp_path, whole)))


def with_rest(url: str, more: str) -> str:
    start = SETTINGS.index('adapter = "sql"')
    end = SETTINGS.index("timeout_seconds = 3")
    return f'{SETTINGS[:start]}adapter = "rest"\nurl = "{url}"\n{more}\n{SETTINGS[end:]}'


@pytest.mark.parametrize(
    ("url", "more", "words"),
    [
        ("https://bron.example/klant/{bsn}", 'headers = { X = "{bsn}" }', "must not hold the BSN"),
        ("http://bron.example/klant", 'headers = { X = "{bsn}" }', "must be an https address"),
        ("http://127.0.0.1/klant", 'headers = { X = "{bsn}" }', "must be an https address"),
        ("https://u:p@bron.example/klant", 'headers = { X = "{bsn}" }', "must be an https address"),
        ("https://bron.example/klant", 'headers = { X = "vast" }', "does not ask for one person"),
        ("https://bron.example/klant", "", "does not ask for one person"),
        ("https://bron.example/klant", 'profile = "eigen"', "profile has an unknown value"),
        ("https://bron.example/klant", 'body.bsn = "{bsn}"\nsecret_headers = { X-Api-Key = "weg" }', "names a file that is not there"),
    ],
)
def test_a_web_service_that_would_be_unsafe_is_refused(tmp_path: Path, url: str, more: str, words: str) -> None:
    assert words in str(refusal(tmp_path, with_rest(url, more)))


@pytest.mark.parametrize("more", ['headers = { X-Bsn = "{bsn}" }', 'body.bsn = "{bsn}"', 'profile = "haal-centraal-personen"'])
def test_a_web_service_gets_the_bsn_in_a_header_or_in_its_body(tmp_path: Path, more: str) -> None:
    load_settings(write_settings(tmp_path, with_rest("https://bron.example/klant", more)))


def with_file(more: str) -> str:
    start = SETTINGS.index('adapter = "sql"')
    end = SETTINGS.index("timeout_seconds = 3")
    return f'{SETTINGS[:start]}adapter = "file"\n{more}\n{SETTINGS[end:]}'.replace("timeout_seconds = 3\n", "")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('path = "weg.csv"\nkey = "BSN"', "names a file that is not there"),
        ('path = "klanten.csv"', "key is missing"),
        ('path = "klanten.csv"\nkey = "BSN"\nformat = "xls"', "format has an unknown value"),
        ('path = "klanten.csv"\nkey = "BSN"\nencoding = "klingon"', "encoding is not an encoding"),
        ('path = "klanten.csv"\nkey = "BSN"\nquery = "SELECT"', "query is not a known setting"),
        ('path = "klanten.csv"\nkey = "BSN"\ndelimiter = ";;"', "delimiter must be one character"),
        ('path = "klanten.csv"\nkey = "BSN"\nno_data_without = ["x"]', "names a list that is not mapped"),
        ('path = "klanten.csv"\nkey = "BSN"\nlists.rijen.file = "klanten.csv"', "rijen is not a list of this data set"),
    ],
)
def test_a_file_source_that_cannot_work_is_refused(tmp_path: Path, more: str, words: str) -> None:
    assert words in str(refusal(tmp_path, with_file(more)))


@given(text=st.text())
def test_whatever_stands_in_the_file_it_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "willekeurig.toml"
    path.write_text(text, "utf-8", "surrogatepass")
    try:
        read_toml(path)
    except SettingsError:
        return
