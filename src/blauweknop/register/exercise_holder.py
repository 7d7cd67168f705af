"""The key by which a Mijn Blauwe Knop is known at sources, as a server that acts for people.

Files, below a folder such as that of an exercise scheme:

    mijn/client-key.pem   its own
    mijn/jwks.json        the public half, to be named in the settings of sources
"""

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from blauweknop.register.exercise_certificates import ExerciseSchemeProblem
from blauweknop.standards.jwk import public_jwk, thumbprint

__all__ = ["add_holder_server"]


def add_holder_server(scheme_folder: Path) -> tuple[Path, Path]:
    """Make the key, if it is not there; where it is, and where its public half is.

    Raises:
        ExerciseSchemeProblem: the folder can not be written.
    """
    folder = scheme_folder / "mijn"
    try:
        if not (folder / "client-key.pem").exists():
            _new_key(folder)
    except OSError as error:
        raise ExerciseSchemeProblem("expected a folder in which keys can be written", remedy="check the rights of the folder") from error
    return folder / "client-key.pem", folder / "jwks.json"


def _new_key(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    path = folder / "client-key.pem"
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key()
    (folder / "jwks.json").write_text(json.dumps({"keys": [{**public_jwk(public), "kid": thumbprint(public)}]}) + "\n", "ascii")
