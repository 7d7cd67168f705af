"""The maker of the wallet of the exercise: it vouches for wallets and their keys, as the maker of a real one does.

Files, below the folder of an exercise scheme:

    wallets/authority.pem  authority-key.pem    the anchor that sources know the maker by
    wallets/provider.pem   provider-key.pem     signs attestations of wallets and of keys
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives import hashes

from blauweknop.register.exercise_certificates import (
    YEAR,
    ExerciseSchemeProblem,
    certificate_builder,
    end_entity,
    issue,
    new_key,
    operator_certificate_name,
    read_authority,
    read_signer,
    with_authority,
    write_pair,
)
from blauweknop.standards.signing import KeySigner

__all__ = ["WALLET_CLIENT_ID", "WALLET_NAME", "ExerciseWallets", "add_wallets"]

WALLET_CLIENT_ID = "https://wallet.blauweknop.example"
"""The name of the wallet of the exercise in requests."""
WALLET_NAME = "Oefenwallet"


@dataclass(frozen=True, slots=True)
class ExerciseWallets:
    """The maker of the wallet of an exercise scheme on disk."""

    folder: Path

    @property
    def anchor(self) -> Path:
        """The certificate to be named in the settings of sources."""
        return self.folder / "authority.pem"

    def provider(self) -> KeySigner:
        """The key that vouches. Raises: ExerciseSchemeProblem."""
        return read_signer(self.folder / "provider.pem")


def add_wallets(scheme_folder: Path, *, now: datetime, years: int = 3) -> ExerciseWallets:
    """Make the maker of the wallet of a scheme, if it is not there.

    Raises:
        ExerciseSchemeProblem: the folder can not be written.
    """
    folder = scheme_folder / "wallets"
    try:
        if not (folder / "provider.pem").exists():
            _new_maker(folder, now, years)
    except OSError as error:
        raise ExerciseSchemeProblem("expected a folder in which keys can be written", remedy="check the rights of the folder") from error
    return ExerciseWallets(folder)


def _new_maker(folder: Path, now: datetime, years: int) -> None:
    key = new_key("P-256")
    name = operator_certificate_name("OEFENING makers van wallets")
    builder = with_authority(certificate_builder(name, key, (now, now + 10 * YEAR)).issuer_name(name), path_length=0)
    write_pair(folder / "authority.pem", (builder.sign(key, hashes.SHA256()),), key)
    maker = new_key("P-256")
    subject = operator_certificate_name("OEFENING maker van de oefenwallet")
    leaf = issue(end_entity(subject, maker, (now, now + years * YEAR), "digital_signature"), read_authority(folder / "authority.pem"))
    write_pair(folder / "provider.pem", (leaf,), maker)
