"""`blauweknop keys api-client`: a new way for a system to prove itself to the API of the check.

What must stay secret is shown once, on standard error, and kept nowhere; the lines for the configuration file are on standard output.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import typer
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from blauweknop.adapters.row_encryption import new_secret_key, read_secret_key
from blauweknop.adapters.settings_table import read_toml
from blauweknop.catalogue.texts import sentence
from blauweknop.cli.configuration import find_configuration
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.jwk import UnsuitableJwk, public_jwk, read_public_jwk
from blauweknop.standards.strict_json import MalformedJson, parse_json
from blauweknop.standards.webhook_signature import secret_text
from blauweknop.verifier.api.clients import API_KEY_PREFIX, SCOPES, VERIFY, WATCH, CredentialKind, secret_digest

__all__ = ["NewClient", "make_api_client"]

_SECRET_BYTES = 32
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_ADDRESS = re.compile(r"https?://[!#-\[\]-~]+")  # what is in it comes into the lines to paste
_MOST_KEY_FILE = 16 * 1024


@dataclass(frozen=True, slots=True)
class NewClient:
    """What was asked on the command line."""

    name: str
    kind: CredentialKind
    credential: str | None
    scopes: Sequence[str]
    expires: date | None
    public_key: Path | None
    webhook: str | None


def make_api_client(asked: NewClient, config: Path | None) -> int:
    """Print the lines to paste, and what is secret.

    Raises:
        BlauweKnopError: a scope or a key that is not understood, or a file that is already there.
    """
    if (asked.kind == "public-key") != (asked.public_key is not None):
        raise BlauweKnopError("a public key is given with --kind public-key", remedy="give both --kind public-key and --public-key FILE")
    if (
        not _NAME.fullmatch(asked.name)
        or not _NAME.fullmatch(asked.credential or "x")
        or not _ADDRESS.fullmatch(asked.webhook or "https://x")
    ):
        raise BlauweKnopError(
            "a name or the address has unsuitable characters", remedy="use small letters, digits and hyphens, and https://"
        )
    scopes = asked.scopes or ([VERIFY, WATCH] if asked.webhook else [VERIFY])
    if not set(scopes) <= set(SCOPES):
        raise BlauweKnopError("this scope is not known", remedy=f"choose from: {', '.join(SCOPES)}")
    configuration = find_configuration(config)
    head = [] if _is_known(configuration, asked.name) else [f"[api.clients.{asked.name}]", f"scopes = {_list(scopes)}", ""]
    for line in (*head, *_credential_lines(asked), *_webhook_lines(asked, configuration)):
        typer.echo(line)
    return 0


def _credential_lines(asked: NewClient) -> list[str]:
    name = asked.credential or datetime.now(UTC).date().isoformat()
    lines = [f"[api.clients.{asked.name}.credentials.{name}]", f'kind = "{asked.kind}"']
    if asked.public_key is not None:
        members = [f'{member} = "{value}"' for member, value in public_jwk(_key_in(asked.public_key)).items()]
        lines.append(f"jwk = {{ {', '.join(members)} }}")
    else:
        secret = (API_KEY_PREFIX if asked.kind == "api-key" else "") + secrets.token_urlsafe(_SECRET_BYTES)
        _tell("cli.api_secret", secret)
        lines.append(f'sha256 = "{secret_digest(secret).hex()}"')
    if asked.expires is not None:
        lines.append(f"expires = {asked.expires.isoformat()}")
    return lines


def _webhook_lines(asked: NewClient, configuration: Path | None) -> list[str]:
    if asked.webhook is None:
        return []
    file = (configuration.parent if configuration else Path.cwd()) / f"{asked.name}-webhook"
    new_secret_key(file)
    _tell("cli.api_webhook_secret", secret_text(read_secret_key(file)))
    return ["", f"[api.clients.{asked.name}.webhook]", f'url = "{asked.webhook}"', f"secret_files = {_list([file.name])}"]


def _is_known(configuration: Path | None, name: str) -> bool:
    """Whether the configuration has this client, so that only the new lines are told."""
    if configuration is None:
        return False
    root = read_toml(configuration)
    clients = root.table("api").optional_table("clients") if "api" in root else None
    return clients is not None and name in clients


def _key_in(file: Path) -> ec.EllipticCurvePublicKey:
    """A P-256 key as JWK or as PEM."""
    try:
        with file.open("rb") as opened:
            content = opened.read(_MOST_KEY_FILE)
    except OSError as error:
        raise BlauweKnopError(f"{file} cannot be read", remedy="check the path and the rights of the file") from error
    try:
        if content.lstrip().startswith(b"{"):
            return read_public_jwk(parse_json(content, max_bytes=_MOST_KEY_FILE))
        key = load_pem_public_key(content)
    except (UnsuitableJwk, MalformedJson, ValueError, UnsupportedAlgorithm) as error:
        raise _no_key(file) from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _no_key(file)
    return key


def _no_key(file: Path) -> BlauweKnopError:
    return BlauweKnopError(f"{file} holds no public P-256 key", remedy="ask the client for its public key, as JWK or as PEM")


def _list(values: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"


def _tell(key: str, secret: str) -> None:
    for language in ("nl", "en"):
        typer.echo(sentence(key, language), err=True)
    typer.echo(f"  {secret}", err=True)
