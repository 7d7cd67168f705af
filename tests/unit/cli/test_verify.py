import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.adapters.eu_lists import EuListPlaces
from blauweknop.cli.extract import extract_file
from blauweknop.cli.verify import verify_files
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.status_list import INVALID
from blauweknop.standards.trust_list import write_trust_list
from tests.unit.adapters import bundles
from tests.unit.checking import credentials, foreign_documents, mdocs
from tests.unit.checking import exercise_documents as x
from tests.unit.standards import eu_lists

AT = "2026-11-23T15:12:00+01:00"


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("BLAUWEKNOP_TRUST_LIST", "BLAUWEKNOP_TRUST_ANCHOR", "BLAUWEKNOP_CONFIG", "BLAUWEKNOP_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The list is read at the real time of the test, which may be years from the moment of the document.
    (tmp_path / "list.jws").write_text(write_trust_list(x.trust_list(), signer=x.exercise().list_signer, at=x.NOW))
    (tmp_path / "anchor.pem").write_bytes(x.exercise().anchor.public_bytes(Encoding.PEM))
    monkeypatch.setenv("BLAUWEKNOP_TRUST_LIST", "list.jws")
    monkeypatch.setenv("BLAUWEKNOP_TRUST_ANCHOR", "anchor.pem")


def written(name: str, pdf: bytes) -> Path:
    Path(name).write_bytes(pdf)
    return Path(name)


def green() -> Path:
    return written("green.pdf", x.good_document())


def orange() -> Path:
    return written("orange.pdf", x.sealed(x.good_letter(), stamped=False))


def red() -> Path:
    return written("red.pdf", x.good_document() + b"\n")


def verify(*files: Path, **options: object) -> int:
    return verify_files(files, at=AT, now=x.NOW, **options)  # type: ignore[arg-type] # options by name, per test


def extract(file: Path, **options: object) -> int:
    return extract_file(file, at=AT, now=x.NOW, **options)  # type: ignore[arg-type] # options by name, per test


@pytest.mark.usefixtures("trusted")
def test_the_exit_code_is_the_worst_of_all_files() -> None:
    files = (green(), orange(), red(), Path("absent.pdf"))
    assert [verify(*files[: count + 1]) for count in range(4)] == [0, 1, 2, 3]


@pytest.mark.usefixtures("trusted")
def test_one_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    verify(green(), red(), as_json=True)
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(report["file"], report["verdict"]) for report in reports] == [("green.pdf", "green"), ("red.pdf", "red")]


@pytest.mark.usefixtures("trusted")
def test_a_file_that_cannot_be_read_is_named_with_a_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(Path("absent.pdf"), as_json=True) == 3
    shown = capsys.readouterr()
    assert (shown.out, "absent.pdf" in shown.err, len(shown.err.splitlines())) == ("", True, 2)


def test_without_anybody_to_trust_it_is_orange_with_the_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(green(), language="en") == 1
    assert "There is no trust list" in capsys.readouterr().out


@pytest.mark.usefixtures("trusted")
def test_options_go_before_the_environment() -> None:
    with pytest.raises(BlauweKnopError, match=r"elders\.jws"):
        verify(green(), trust_list="elders.jws")


@pytest.mark.usefixtures("trusted")
def test_offline_never_asks_the_network(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(green(), trust_list="https://register.example/list", offline=True, as_json=True) == 1
    assert "trust_list_unreachable" in capsys.readouterr().out


def test_a_configuration_file_beside_the_document_is_not_believed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "blauweknop.toml").write_text("[scheme]\n")
    (folder / "a.pdf").write_bytes(x.good_document())
    assert verify(folder / "a.pdf", as_json=True) == 1
    assert "no_trust_list" in capsys.readouterr().out


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("moment", ["yesterday", "2026-11-23", "2026-11-23T14:00:00"])
def test_a_moment_without_a_zone_is_a_fault_of_usage(moment: str) -> None:
    with pytest.raises(BlauweKnopError, match="--at"):
        verify_files([green()], at=moment, now=x.NOW)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    "moment",
    ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"],
)
def test_a_moment_at_the_edge_of_the_calendar_is_a_fault_of_usage(moment: str) -> None:
    with pytest.raises(BlauweKnopError, match="--at"):
        verify_files([green()], at=moment, now=x.NOW)


def test_a_language_that_is_not_offered_is_a_fault_of_usage() -> None:
    with pytest.raises(BlauweKnopError, match="language"):
        verify(green(), language="de")


def test_a_bundle_makes_green_possible_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = bundles.places(tmp_path, bundles.bundled())
    proof = written("a.sd-jwt", credentials.of_document().encode())
    assert verify(proof, offline=True, trust_anchor=given.trust_anchor, bundle=Path(str(given.bundle))) == 0
    monkeypatch.setenv("BLAUWEKNOP_BUNDLE", str(given.bundle))
    assert verify(proof, offline=True, trust_anchor=given.trust_anchor) == 0
    assert extract(proof, offline=True, trust_anchor=given.trust_anchor) == 0


def changed(text: str) -> bytes:
    return text.replace("~", "~~", 1).encode()


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("of a document", credentials.of_document().encode(), 0),
        ("of a wallet", credentials.of_wallet().encode(), 1),
        ("to somebody", credentials.presented().encode(), 1),
        ("mobile", mdocs.issued(), 1),
        ("mobile, as text", mdocs.as_text(mdocs.presented()), 1),
        ("of an unknown kind", credentials.crafted({"vct": "urn:elders", "cnf": None}).encode(), 1),
        ("changed", changed(credentials.of_document()), 2),
        ("ended", credentials.of_wallet(ends=x.NOW - timedelta(hours=1)).encode(), 2),
        ("of another source", credentials.of_document(issuing_authority="UWV").encode(), 2),
        ("without an end", credentials.crafted({"exp": None}).encode(), 2),
        ("garbage", b"eyJ~garbage", 2),
        ("mobile garbage", mdocs.issued() + b"x", 2),
    ],
)
def test_the_exit_code_of_each_kind_of_proof(tmp_path: Path, name: str, data: bytes, code: int) -> None:
    given = bundles.places(tmp_path, bundles.bundled())
    assert verify(written(name, data), offline=True, trust_anchor=given.trust_anchor, bundle=Path(str(given.bundle))) == code


def test_a_proof_that_was_withdrawn_by_the_list_in_a_bundle_is_red(tmp_path: Path) -> None:
    given = bundles.places(tmp_path, bundles.bundled(lists={credentials.URI: credentials.status_list({credentials.INDEX: INVALID})}))
    proof = written("a", credentials.of_document().encode())
    assert verify(proof, offline=True, trust_anchor=given.trust_anchor, bundle=Path(str(given.bundle))) == 2


def test_a_bundle_beside_a_document_is_not_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bundle.json").write_bytes(bundles.bundled())
    assert verify(written("a.sd-jwt", credentials.of_document().encode()), as_json=True) == 1
    assert "no_trust_list" in capsys.readouterr().out


@pytest.mark.usefixtures("trusted")
def test_a_bundle_that_is_not_used_is_told_and_the_check_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "given.json").write_bytes(bundles.bundled(signer=x.exercise().credentials["duo"]))
    assert verify(green(), bundle=tmp_path / "given.json") == 0
    assert "De bundel is niet gebruikt. Hij is ondertekend door iemand die wij niet kennen." in capsys.readouterr().err


@pytest.mark.usefixtures("trusted")
def test_a_bundle_that_is_not_there_is_a_fault_of_usage() -> None:
    with pytest.raises(BlauweKnopError, match=r"absent\.json"):
        verify(green(), bundle=Path("absent.json"))


def policy(content: str) -> Path:
    Path("policy.toml").write_text(content)
    return Path("policy.toml")


@pytest.mark.usefixtures("trusted")
def test_a_policy_decides_what_is_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(green(), policy=policy("maximum_age = 30")) == 0
    assert verify(green(), policy=policy('datasets = ["uwv.verzekeringsbericht"]'), explained=True) == 1
    told = capsys.readouterr().out
    assert "Deze gegevens neemt u volgens uw eigen eisen niet aan." in told
    assert "17 Uw eigen eisen: niet zeker" in told


@pytest.mark.usefixtures("trusted")
def test_data_that_are_older_than_a_policy_accepts_are_out_of_date(capsys: pytest.CaptureFixture[str]) -> None:
    later = "2026-11-30T15:12:00+01:00"
    assert verify_files([green(), red()], at=later, now=x.NOW, policy=policy('maximum_age = "P5D"'), as_json=True) == 2
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [report["checks"][-1] for report in reports] == [
        {"id": "policy", "result": "warn", "reason": "policy_age"},
        {"id": "policy", "result": "skipped", "reason": "skipped"},
    ]


@pytest.mark.usefixtures("trusted")
def test_nothing_comes_out_of_a_document_that_a_policy_does_not_accept() -> None:
    assert extract(green(), policy=policy('kinds = ["credential"]'), output=Path("out")) == 1
    assert not Path("out").exists()


@pytest.mark.usefixtures("trusted")
def test_a_policy_that_cannot_be_kept_is_a_fault_of_usage() -> None:
    with pytest.raises(BlauweKnopError, match=r"policy\.toml, line 1: maximum_ages"):
        verify(green(), policy=policy("maximum_ages = 3"))


@pytest.mark.usefixtures("trusted")
def test_the_data_come_out_of_a_green_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert extract(green()) == 0
    assert json.loads(capsys.readouterr().out) == x.content()


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(("form", "start"), [("csv", "path,value"), ("sd-jwt", "eyJ")])
def test_the_data_come_out_in_each_form(form: str, start: str) -> None:
    assert extract(green(), to=form, output=Path("out")) == 0
    assert Path("out").read_text().startswith(start)


@pytest.mark.usefixtures("trusted")
def test_a_credential_that_travels_alone_is_checked_as_a_document_is(capsys: pytest.CaptureFixture[str]) -> None:
    extract(green(), to="sd-jwt", output=Path("one.sd-jwt"))
    assert verify(Path("one.sd-jwt"), as_json=True) == 2
    report = json.loads(capsys.readouterr().out)
    assert (report["kind"], report["checks"][-1]["reason"]) == ("credential", "proof_claim_missing")


@pytest.mark.usefixtures("trusted")
def test_nothing_comes_out_of_a_document_that_is_not_green(capsys: pytest.CaptureFixture[str]) -> None:
    codes = [extract(file, output=Path("out")) for file in (orange(), red(), Path("absent.pdf"))]
    assert (codes, capsys.readouterr().out, Path("out").exists()) == ([1, 2, 3], "", False)


@pytest.mark.usefixtures("trusted")
def test_an_unknown_form_is_a_fault_of_usage() -> None:
    with pytest.raises(BlauweKnopError, match="form"):
        extract(green(), to="xml")


@pytest.mark.usefixtures("trusted")
def test_an_output_that_cannot_be_written_is_named() -> None:
    with pytest.raises(BlauweKnopError, match="absent"):
        extract(green(), output=Path("absent") / "out.json")


@pytest.mark.usefixtures("trusted")
def test_the_data_never_replace_the_document() -> None:
    document = green()
    before = document.read_bytes()
    with pytest.raises(BlauweKnopError, match="the output is the input"):
        extract(document, output=document)
    assert document.read_bytes() == before


@pytest.mark.usefixtures("trusted")
def test_the_data_are_for_this_user_only() -> None:
    assert extract(green(), output=Path("out")) == 0
    assert stat.S_IMODE(Path("out").stat().st_mode) == 0o600


# Seals of others

QUALIFIED = foreign_documents.stranger("Gekwalificeerd", organisation="Uitvoeringsorganisatie", qualified=True)


def letter_of_others() -> Path:
    return written("brief.pdf", foreign_documents.sealed(foreign_documents.letter(), QUALIFIED, crls=[QUALIFIED.revocation_list()]))


def european_list() -> EuListPlaces:
    written("eu.xml", eu_lists.written(eu_lists.Service([QUALIFIED.authority.der])))
    written("eu.pem", eu_lists.scheme_signer().certificate.public_bytes(Encoding.PEM))
    return EuListPlaces((Path("eu.xml"),), Path("eu.pem"))


def known_through(capsys: pytest.CaptureFixture[str]) -> object:
    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["kind"]) == ("orange", "other_seal")
    return said["otherSeal"]["knownThrough"]


@pytest.mark.usefixtures("trusted")
def test_a_sealed_letter_of_others_is_orange_and_of_nobody_we_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(letter_of_others(), as_json=True) == 1
    assert known_through(capsys) is None


def test_a_european_list_says_who_sealed_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(letter_of_others(), as_json=True, eu_lists=european_list()) == 1
    assert known_through(capsys) == "eu_trusted_list"


def test_the_european_list_may_stand_in_the_configuration(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    european_list()
    written("list.jws", write_trust_list(x.trust_list(), signer=x.exercise().list_signer, at=x.NOW).encode())
    written("anchor.pem", x.exercise().anchor.public_bytes(Encoding.PEM))
    lines = ['environment = "exercise"', 'base_url = "https://a.example"', 'check_url = "https://b.example"', 'trust_list = "list.jws"']
    lines += ['trust_anchor = "anchor.pem"', 'eu_trusted_list = ["eu.xml"]', 'eu_trusted_list_signer = "eu.pem"']
    written("blauweknop.toml", "\n".join(["[scheme]", *lines]).encode())
    monkeypatch.setenv("BLAUWEKNOP_CONFIG", "blauweknop.toml")
    assert verify(letter_of_others(), as_json=True) == 1
    assert known_through(capsys) == "eu_trusted_list"


def test_a_european_list_of_a_signer_that_is_not_pinned_is_a_fault_of_usage() -> None:
    places = european_list()
    written("eu.pem", eu_lists.scheme_signer("Een ander").certificate.public_bytes(Encoding.PEM))
    with pytest.raises(BlauweKnopError, match="signer"):
        verify(letter_of_others(), eu_lists=places)
