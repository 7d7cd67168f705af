"""The key by which the Mijn Blauwe Knop of the exercise is known at sources, as a server that acts for people.

Files, below the folder of an exercise scheme:

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


def add_holder_server(scheme_folder: Path) -> None:
    """Make the key, if it is not there.

    Raises:
        ExerciseSchemeProblem: the folder can not be written.
    """
    folder = scheme_folder / "mijn"
    try:
        if not (folder / "client-key.pem").exists():
            _new_key(folder)
    except OSError as error:
        raise ExerciseSchemeProblem("expected a folder in which keys can be written", remedy="check the rights of the folder") from error


def _new_key(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    path = folder / "client-key.pem"
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key()
    (folder / "jwks.json").write_text(json.dumps({"keys": [{**public_jwk(public), "kid": thumbprint(public)}]}) + "\n", "ascii")
