"""From settings to what each receiver needs to seal its dossiers: its key, revocation lists, time stamps, typst."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from cryptography.x509.oid import NameOID

from blauweknop.adapters.certifying import new_sealing
from blauweknop.adapters.keys import load_signer
from blauweknop.adapters.memory import give_back_memory
from blauweknop.adapters.settings_keys import SealSettings
from blauweknop.adapters.time_stamping import TimeStampUnavailable
from blauweknop.adapters.verifier_settings import VerifierSettings
from blauweknop.assembly.sealing import RevocationFiles, time_stamping_by
from blauweknop.document.attachment import Attachment
from blauweknop.document.blocks import Letter
from blauweknop.document.typesetting import Typesetter
from blauweknop.standards.pades import cms_size_limit
from blauweknop.standards.x509 import name_value, read_certificate
from blauweknop.verifier.dossier.ports import DossierSealer

__all__ = ["dossier_sealers"]


def dossier_sealers(settings: VerifierSettings) -> Mapping[str, DossierSealer]:
    """By the short name of each receiver that has a key for it.

    Raises:
        KeyProblem, UnsuitableKey: a key, certificate or revocation list cannot be used.
    """
    receivers = settings.requests.receivers if settings.requests is not None else {}
    with_seal = {name: receiver.seal for name, receiver in receivers.items() if receiver.seal is not None}
    typesetter = Typesetter() if with_seal else None
    return {name: _sealer(seal, settings, typesetter) for name, seal in with_seal.items() if typesetter is not None}


def _sealer(seal: SealSettings, settings: VerifierSettings, typesetter: Typesetter) -> DossierSealer:
    signer = load_signer(seal.key, seal.certificate, seal.chain)
    revocation = RevocationFiles(seal.crls)
    sealing = new_sealing(
        signer,
        revocation=revocation,
        time_stamp=_time_stamp(settings),
        seal_without=settings.time_stamp is None or settings.time_stamp.seal_without,
    )

    def lay_out(letter: Letter, /, *, accent: str, attachments: Sequence[Attachment], made_at: datetime) -> bytes:
        try:
            return typesetter.typeset(letter, accent=accent, attachments=attachments, made_at=made_at)
        finally:
            give_back_memory()

    return DossierSealer(
        lay_out=lay_out,
        printable=typesetter.printable,
        seal=lambda digest: sealing(digest).cms,
        seal_size=cms_size_limit(signer, revocation()),
        legal_name=name_value(read_certificate(signer.certificate).subject, NameOID.ORGANIZATION_NAME) or "",
        check_url=settings.scheme.check_url,
        exercise=settings.scheme.is_exercise,
    )


def _time_stamp(settings: VerifierSettings) -> Callable[[bytes], bytes]:
    if settings.time_stamp is None:
        return _none
    return time_stamping_by(settings.time_stamp, exercise=settings.scheme.is_exercise)


def _none(_: bytes) -> bytes:
    raise TimeStampUnavailable("no time stamp is wanted")
