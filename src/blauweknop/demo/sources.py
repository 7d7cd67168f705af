"""The five sources of the exercise: their data in their own forms, and the configuration file that maps it to the data sets.

`write_demo_sources` writes, in one folder: `duo.db`, `uwv.db`, `denhaag.db`, `dichtbij.db` (SQLite), `cak-bijdragen.csv`,
`cak-wanbetalers.csv`, `cak-rekeningen.ndjson`, and `brp-denhaag.json`, `brp-dichtbij.json` for the register over HTTP (see `brp_service`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

from blauweknop.demo.mandates import SOURCES_FOR_REPRESENTATIVES
from blauweknop.demo.people_facts import Person
from blauweknop.demo.sources_cak import write_cak
from blauweknop.demo.sources_duo import write_duo
from blauweknop.demo.sources_gemeente import write_gemeente
from blauweknop.demo.sources_uwv import write_uwv
from blauweknop.demo.staff_people import STAFF_GROUPS
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.domain.document import SourceIdentity
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.identifiers import Oin
from blauweknop.register.exercise_receivers import EXERCISE_RECEIVERS, ExerciseReceiver, packages_of

__all__ = ["DEMO_SOURCES", "demo_settings_toml", "holder_base", "write_demo_sources"]

_DATA = "sources"


@dataclass(frozen=True, slots=True)
class _Mapping:
    """Files of demo/data that map a source, and how its tables call a person."""

    files: tuple[str, ...]
    given_name: str
    prefix: str
    family_name: str
    birth_date: str

    @property
    def subject(self) -> str:
        family_name = f'{{ from = ["{self.prefix}", "{self.family_name}"] }}'
        birth_date = f'{{ from = "{self.birth_date}", as = "register_date" }}'
        return f'{{ given_name = "{self.given_name}", family_name = {family_name}, birth_date = {birth_date} }}'


def _identity(source_id: str, kind: str, number: int, name: str) -> SourceIdentity:
    return SourceIdentity(source_id, kind, Oin.parse(f"00000099{number:012d}"), name, f"{name} (OEFENING)")


DEMO_SOURCES: tuple[SourceIdentity, ...] = (
    _identity("duo", "duo", 1001, "DUO"),
    _identity("uwv", "uwv", 1002, "UWV"),
    _identity("cak", "cak", 1003, "CAK"),
    _identity("denhaag", "gemeente", 1004, "Gemeente Den Haag"),
    _identity("dichtbij", "gemeente", 1005, "Mijn gemeente Dichtbij"),
)
_COLOURS = {"duo": "#b84a00", "uwv": "#0a5fa5", "cak": "#7a2a7f", "denhaag": "#1f6f43", "dichtbij": "#9b1c31"}
_WITH_FOUR_EYES = "hypotheek"
_RECEIVER_COLOURS = {"schuldhulp": "#1f6f43", "hypotheek": "#5b3a8c", "huur": "#8a4b08"}
_MAPPINGS = {
    "duo": _Mapping(("duo.toml", "ledger.toml"), "voornamen", "voorvoegsel", "achternaam", "geboortedatum"),
    "uwv": _Mapping(("uwv.toml", "ledger.toml"), "voornaam", "tussenvoegsel", "achternaam", "gebdat"),
    "cak": _Mapping(("cak.toml",), "VOORNAMEN", "VOORVOEGSELS", "NAAM", "GEBDATUM"),
    "gemeente": _Mapping(("gemeente.toml", "ledger.toml"), "voornamen", "voorvoegsel", "geslachtsnaam", "geboren"),
}


def holder_base(base_url: str) -> str:
    """Where Mijn Blauwe Knop is: a passkey belongs to a name, and the address of this machine in numbers is none (WebAuthn 5.1.2)."""
    return base_url.replace("//127.0.0.1", "//localhost")


def write_demo_sources(folder: Path, people: Sequence[Person], today: date) -> None:
    """Write the data of all five sources; what was there before is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    write_duo(folder, people)
    write_uwv(folder, people, today)
    write_cak(folder, people)
    for source in ("denhaag", "dichtbij"):
        write_gemeente(folder, source, people)


def demo_settings_toml(folder: Path, base_url: str, api_key_digest: str) -> str:
    """The configuration file of the exercise, to be written in `folder`; `base_url` has no slash at the end. `api_key_digest` is of the key
    of a system that may use the API of the check.

    The file counts on `sources/` (of `write_demo_sources`), `keys/` (of `register.exercise_keys`), `keys/login/<source>-sign-key.pem` and
    `keys/login/<source>-decrypt-key.pem`, `secret-key`, and `blauweknop.db` in that folder.

    Raises:
        BlauweKnopError: the sources are not there yet.
    """
    if not (folder / _DATA / "duo.db").is_file():
        raise BlauweKnopError("the sources of the exercise are not there", remedy="write them first")
    head = _filled("scheme.toml", {"base_url": base_url, "holder_url": holder_base(base_url), "api_key_digest": api_key_digest})
    return "".join(
        (
            head,
            *(_source_toml(identity, base_url) for identity in DEMO_SOURCES),
            _filled("requests.toml", {"holder_url": holder_base(base_url)}),
            *(_receiver_toml(receiver, base_url) for receiver in EXERCISE_RECEIVERS),
        )
    )


def _source_toml(identity: SourceIdentity, base_url: str) -> str:
    mapping = _MAPPINGS[identity.kind]
    values = {
        "source": identity.id,
        "kind": "gem" if identity.kind == "gemeente" else identity.kind,
        "source_kind": identity.kind,
        "oin": identity.oin.digits,
        "name": identity.name,
        "legal_name": identity.legal_name,
        "colour": _COLOURS[identity.id],
        "person": mapping.subject,
        "base_url": base_url,
        "data": _DATA,
    }
    acting = ("representation.toml",) if identity.id in SOURCES_FOR_REPRESENTATIVES else ()
    return "".join(_filled(name, values) for name in ("source.toml", *acting, *mapping.files))


def _receiver_toml(receiver: ExerciseReceiver, base_url: str) -> str:
    """With a registration for each package; the files are written after this one."""
    files_of = [f'"keys/receivers/{receiver.id}/{package.id}.jwt"' for package in packages_of(receiver)]
    values = {
        "receiver": receiver.id,
        "colour": _RECEIVER_COLOURS[receiver.id],
        "registrations": ", ".join(files_of),
        "base_url": base_url,
        "acr": AssuranceLevel.SUBSTANTIAL.acr,
        "four_eyes": '"export"' if receiver.id == _WITH_FOUR_EYES else "",
        "roles": "\n".join(f'"{said}" = "{role}"' for said, role in STAFF_GROUPS.items()),
    }
    return _filled("receiver.toml", values)


def _filled(name: str, values: Mapping[str, str]) -> str:
    text = (files("blauweknop.demo") / "data" / name).read_text("utf-8")
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text
