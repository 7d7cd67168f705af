"""The key by which a Mijn Blauwe Knop is known at sources, as a server that acts for people.

Files, below a folder such as that of an exercise scheme:

    mijn/client-key.pem   its own
    mijn/jwks.json        the public half, to be named in the settings of sources
"""

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from blauweknop.register.exercise_certificates import ExerciseSchemeProblem, PrivateKey, read_key, replace_file
from blauweknop.standards.jwk import public_jwk, thumbprint

__all__ = ["add_holder_server"]


def add_holder_server(scheme_folder: Path) -> tuple[Path, Path]:
    """Make what is not there of the key and its public half; where they are.

    Each comes in one step, so that who was stopped between the two goes on where it was.

    Raises:
        ExerciseSchemeProblem: the folder can not be written, or holds something else.
    """
    secret, public = (scheme_folder / "mijn" / name for name in ("client-key.pem", "jwks.json"))
    try:
        if not secret.exists():
            _new_key(secret)
        if not public.exists():
            _name_key(public, read_key(secret))
    except OSError as error:
        raise ExerciseSchemeProblem("expected a folder in which keys can be written", remedy="check the rights of the folder") from error
    return secret, public


def _new_key(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.with_name(f".{file.name}.new").touch(mode=0o600)  # which `replace_file` writes: for its owner only, from the beginning
    key = ec.generate_private_key(ec.SECP256R1())
    replace_file(file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _name_key(file: Path, key: PrivateKey) -> None:
    public = key.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise ExerciseSchemeProblem("expected client-key.pem as a P-256 key", remedy="take it away, and begin again")
    replace_file(file, (json.dumps({"keys": [{**public_jwk(public), "kid": thumbprint(public)}]}) + "\n").encode("ascii"))
