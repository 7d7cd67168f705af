"""`blauweknop keys`: a scheme PKI for exercise, and a look at what is in it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import Certificate
from cryptography.x509.oid import NameOID
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from blauweknop.adapters.pkcs11_uri import HardwareKey
from blauweknop.adapters.row_encryption import new_secret_key
from blauweknop.adapters.scheme_settings import has_sources
from blauweknop.adapters.settings import KeyFiles, SealSettings, load_settings
from blauweknop.adapters.settings_reports import load_report_settings
from blauweknop.assembly.sealing import key_fingerprint
from blauweknop.catalogue import load_catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.cli.configuration import find_configuration
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.identifiers import Oin
from blauweknop.register.exercise_holder import add_holder_server
from blauweknop.register.exercise_keys import Algorithm, KeyHolder, new_exercise_scheme
from blauweknop.register.exercise_receiver_keys import ExerciseReceivers, write_registrations
from blauweknop.register.exercise_roll_over import add_source_keys
from blauweknop.standards.jose import MAX_JWS, REGISTRATION_CERTIFICATE, parse_jws
from blauweknop.standards.registration_claims import Registration, read_registration
from blauweknop.standards.strict_json import parse_json_object
from blauweknop.standards.x509 import MalformedCertificate, certificates_from_pem, name_value

__all__ = ["list_keys", "make_exercise_keys", "make_holder_key", "make_next_keys"]

_ALGORITHMS: dict[str, Algorithm] = {"P-256": "P-256", "RSA-3072": "RSA-3072"}


def make_exercise_keys(folder: Path, sources: Sequence[str], algorithm: str) -> int:
    """Write a new exercise scheme, with three receivers and a secret key for the storage, and say loudly what it is.

    Raises:
        BlauweKnopError: a source or the algorithm is not understood, or the folder already holds keys.
    """
    if algorithm not in _ALGORITHMS:
        raise BlauweKnopError("this algorithm is not offered", remedy="choose P-256 or RSA-3072")
    identities = [_source(text, index) for index, text in enumerate(sources or ["bron:00000099000000009000:Voorbeeldbron"])]
    now = datetime.now(UTC)
    new_exercise_scheme(folder, identities, now=now, algorithm=_ALGORITHMS[algorithm])
    write_registrations(ExerciseReceivers(folder / "receivers"), load_catalogue(), now=now)
    new_secret_key(folder / "secret-key")
    typer.echo(sentence("cli.keys_exercise", "nl"), err=True)
    typer.echo(sentence("cli.keys_exercise", "en"), err=True)
    return _print_keys(folder, {})


def make_next_keys(folder: Path, source: str) -> int:
    """Write the next keys of a source of an exercise scheme beside the ones it has, and say what to do with them.

    Raises:
        BlauweKnopError: there is no such scheme or source.
    """
    made = add_source_keys(folder, source, now=datetime.now(UTC))
    typer.echo(sentence("cli.keys_exercise", "nl"), err=True)
    typer.echo(sentence("cli.keys_exercise", "en"), err=True)
    for file in made:
        typer.echo(f"{file}  SHA-256 {key_fingerprint(file).hex()}")
    for language in ("nl", "en"):
        typer.echo(sentence("cli.keys_next", language), err=True)
    return 0


def make_holder_key(folder: Path) -> int:
    """The key of a Mijn Blauwe Knop, for `key` of [holder.collect], and its public half, for `keys` of [wallets.known] at sources.

    Raises:
        BlauweKnopError: the folder cannot be written.
    """
    for file in add_holder_server(folder):
        typer.echo(file)
    for language in ("nl", "en"):
        typer.echo(sentence("cli.keys_holder", language), err=True)
    return 0


def list_keys(folder: Path) -> int:
    """Print every certificate below the folder: for what, of which organisation, until when, and where its key is; then registrations.

    A key in hardware is known from the configuration file that is nearest to the folder.

    Raises:
        BlauweKnopError: there are none, one cannot be read, or the configuration is broken.
    """
    return _print_keys(folder, _hardware_keys(folder))


def _print_keys(folder: Path, in_hardware: Mapping[Path, str]) -> int:
    paths = sorted(folder.rglob("*.pem"))
    certificates = [(path, _certificate(path)) for path in paths if not path.name.endswith("-key.pem")]
    if not certificates:
        raise BlauweKnopError(f"there are no certificates in {folder}", remedy="make them with: blauweknop keys new FOLDER")
    table = Table(box=SIMPLE)
    for heading in ("file", "name", "key"):
        table.add_column(heading, overflow="fold")
    for heading in ("OIN", "until"):
        table.add_column(heading, no_wrap=True)
    for path, certificate in certificates:
        subject, ends = certificate.subject, certificate.not_valid_after_utc.date()
        name = name_value(subject, NameOID.COMMON_NAME)
        number = name_value(subject, NameOID.SERIAL_NUMBER) or name_value(subject, NameOID.ORGANIZATION_IDENTIFIER)
        place = in_hardware.get(path.resolve()) or _key_file(path, certificate)
        table.add_row(str(path.relative_to(folder)), name or "", place, number or "", ends.isoformat())
    for path in sorted(folder.rglob("*.jwt")):
        registration = _registration(path)
        ends = registration.expires_at.date()
        table.add_row(str(path.relative_to(folder)), registration.name, "-", registration.identifier, ends.isoformat())
    Console().print(table)
    return 0


def _registration(path: Path) -> Registration:
    """Only to show it: who signed it is not looked at."""
    try:
        received = parse_jws(path.read_text("ascii"), REGISTRATION_CERTIFICATE)
        return read_registration(parse_json_object(received.payload, max_bytes=MAX_JWS))
    except (OSError, UnicodeError, BlauweKnopError) as error:
        raise BlauweKnopError(f"{path} is no registration", remedy="make the keys anew in another folder") from error


def _hardware_keys(folder: Path) -> dict[Path, str]:
    """Of each certificate that the configuration says has its key in hardware: where that is."""
    path = find_configuration(None, near=folder)
    if path is None or not has_sources(path):
        return {}
    pairs: list[SealSettings | KeyFiles] = []
    for source in load_settings(path).sources.values():
        pairs += [source.seal, *([source.credential] if source.credential else [])]
    reports = load_report_settings(path)
    pairs += [reports.seal, reports.credential] if reports else []
    return {pair.certificate.resolve(): f"pkcs11: {pair.key.name}" for pair in pairs if isinstance(pair.key, HardwareKey)}


def _key_file(path: Path, certificate: Certificate) -> str:
    if not path.with_name(f"{path.stem}-key.pem").is_file():
        return "-"
    match certificate.public_key():
        case ec.EllipticCurvePublicKey(curve=curve):
            return f"file, P-{curve.key_size}"
        case rsa.RSAPublicKey(key_size=size):
            return f"file, RSA-{size}"
    return "file"


def _certificate(path: Path) -> Certificate:
    try:
        return certificates_from_pem(path.read_bytes())[0]
    except OSError as error:
        raise BlauweKnopError(f"{path} cannot be read", remedy="check the rights of the file") from error
    except MalformedCertificate as error:
        raise BlauweKnopError(f"{path} is no certificate", remedy="keep only certificates and keys in this folder") from error


def _source(text: str, index: int) -> KeyHolder:
    match text.split(":", 2):
        case [short, oin, name]:
            return KeyHolder(oin=Oin.parse(oin), name=name, organization_identifier=f"NTRNL-{90000000 + index:08d}", id=short)
    raise BlauweKnopError("expected a source as id:OIN:name", remedy='for example --source "boxtel:00000099000000004000:Gemeente Boxtel"')
