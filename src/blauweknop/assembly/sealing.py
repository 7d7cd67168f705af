"""From settings to a certifier: the keys of a source, its revocation lists read anew when their files change, its time stamps."""

import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from cryptography.hazmat.primitives import hashes
from sqlalchemy.engine import Engine

from blauweknop.adapters.certifying import new_certifier, time_stamper
from blauweknop.adapters.keys import KeyProblem, load_certificates, load_signer
from blauweknop.adapters.row_encryption import RowKey, read_secret_key
from blauweknop.adapters.settings import KeyFiles, Settings, SettingsError, SourceSettings, TimeStampSettings
from blauweknop.adapters.status_places import ListHolder, StatusPlaces
from blauweknop.adapters.time_stamping import Authority, AuthorityRules, TimeStampService, authority_at, fresh_nonce
from blauweknop.document.certified import Certifier
from blauweknop.document.typesetting import Typesetter
from blauweknop.issuer.status_lists import STATUS_LISTS_PATH
from blauweknop.register.exercise_keys import TIME_STAMP_POLICY, open_exercise_scheme
from blauweknop.standards.signing import Signer
from blauweknop.standards.time_stamp_authority import TimeStampAuthority

__all__ = [
    "RevocationFiles",
    "certifier_for",
    "exercise_authority",
    "key_fingerprint",
    "person_keys",
    "row_key",
    "signers_of",
    "status_places",
    "time_stamp_authorities",
    "time_stamping",
    "time_stamping_by",
]

_LOOK_AGAIN = 1.0  # seconds between two looks at the files of revocation lists


class RevocationFiles:
    """Revocation lists (DER) in files that somebody else keeps fresh; a changed file is read again within a second."""

    def __init__(self, paths: Sequence[Path], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._paths = tuple(paths)
        self._monotonic = monotonic
        self._read: dict[Path, tuple[int, bytes]] = {}
        self._kept: tuple[float, tuple[bytes, ...]] | None = None  # until when it counts, and the lists
        self._lock = Lock()

    def __call__(self) -> tuple[bytes, ...]:
        """The lists as they are now; the same tuple as long as they did not change.

        Raises:
            KeyProblem: a file cannot be read.
        """
        kept, now = self._kept, self._monotonic()
        if kept is not None and now < kept[0]:
            return kept[1]
        with self._lock:
            lists = tuple(self._content(path) for path in self._paths)
            if kept is not None and kept[1] == lists:
                lists = kept[1]
            self._kept = (now + _LOOK_AGAIN, lists)
            return lists

    def _content(self, path: Path) -> bytes:
        try:
            changed = path.stat().st_mtime_ns
            known = self._read.get(path)
            if known is None or known[0] != changed:
                known = self._read[path] = (changed, path.read_bytes())
        except OSError as error:
            raise KeyProblem(f"the revocation list {path.name} cannot be read", remedy="check the path and who renews it") from error
        return known[1]


def certifier_for(
    settings: Settings,
    source: SourceSettings,
    *,
    typesetter: Typesetter,
    time_stamp: Callable[[bytes], bytes],
    places_in: Engine,
    places_at_once: int,
) -> Certifier:
    """The certifier of one source; places in its status lists are taken from the database `places_in`, so many at once.

    Raises:
        KeyProblem, UnsuitableKey: a key or certificate cannot be used.
        SettingsError: there is no credential key.
        SecretKeyError: the key of the storage cannot be used.
    """
    credential = _credential_of(settings, source)
    chain = source.seal.chain
    seal_signer = load_signer(source.seal.key, source.seal.certificate, chain)
    credential_signer = load_signer(credential.key, credential.certificate, chain)
    return new_certifier(
        source.identity,
        seal_signer=seal_signer,
        credential_signer=credential_signer,
        revocation=RevocationFiles(source.seal.crls),
        time_stamp=time_stamp,
        issuer_url=f"{settings.scheme.base_url}{source.path}",
        accent=source.colour,
        check_url=settings.scheme.check_url,
        exercise=settings.scheme.is_exercise,
        typesetter=typesetter,
        seal_without=settings.time_stamp.seal_without,
        proofs=settings.proofs,
        status_place=status_places(settings, source, places_in, at_once=places_at_once) if source.status_lists else None,
    )


def status_places(settings: Settings, source: SourceSettings, engine: Engine, *, at_once: int) -> StatusPlaces:
    """The places of one source in this process.

    Raises:
        KeyProblem: a certificate cannot be read.
        SettingsError: there is no credential key.
        SecretKeyError: the key of the storage cannot be used.
    """
    credential = _credential_of(settings, source)
    holder = ListHolder(
        source.identity.id,
        f"{settings.scheme.base_url}{source.path}/{STATUS_LISTS_PATH}",
        key_fingerprint(source.seal.certificate),
        key_fingerprint(credential.certificate),
    )
    return StatusPlaces(engine, row_key(settings), holder, at_once=at_once)


def row_key(settings: Settings) -> RowKey:
    """The secret key of the storage. Raises: SecretKeyError."""
    return RowKey.from_secret(read_secret_key(settings.storage.secret_key_file))


def person_keys(settings: Settings) -> tuple[RowKey, ...]:
    """By which is found what was made for a person: the secret key of now, and those of before. Raises: SecretKeyError."""
    earlier = (RowKey.from_secret(read_secret_key(file)) for file in settings.storage.earlier_secret_key_files)
    return (row_key(settings), *earlier)


def key_fingerprint(certificate: Path) -> bytes:
    """The SHA-256 of a certificate, by which a key is named. Raises: KeyProblem."""
    return load_certificates(certificate)[0].fingerprint(hashes.SHA256())


def _credential_of(settings: Settings, source: SourceSettings) -> KeyFiles:
    if source.credential is None:
        place = f"sources.{source.identity.id}"
        raise SettingsError(f"{settings.file.name}: {place}.credential is missing", remedy="name the key and certificate for credentials")
    return source.credential


def signers_of(settings: Settings) -> tuple[Signer, ...]:
    """Every key of every source, to see whether they sign.

    Raises:
        KeyProblem, UnsuitableKey: a key or certificate cannot be used.
    """
    signers: list[Signer] = []
    for source in settings.sources.values():
        signers.append(load_signer(source.seal.key, source.seal.certificate, source.seal.chain))
        if source.credential is not None:
            signers.append(load_signer(source.credential.key, source.credential.certificate, source.seal.chain))
    return tuple(signers)


def time_stamping(settings: Settings) -> Callable[[bytes], bytes]:
    """From a digest to a time stamp token, for a source. Raises: as `time_stamping_by`."""
    return time_stamping_by(settings.time_stamp, exercise=settings.scheme.is_exercise)


def time_stamping_by(chosen: TimeStampSettings, *, exercise: bool) -> Callable[[bytes], bytes]:
    """From a digest to a time stamp token: by the authorities at their addresses, or the one of the exercise in this process.

    Raises:
        KeyProblem: a certificate of an authority cannot be read.
    """
    if chosen.exercise_folder is not None:
        return time_stamper(exercise_authority(chosen.exercise_folder).respond)
    rules = AuthorityRules(attempts=chosen.attempts)
    authorities = _authorities(chosen, exercise=exercise)
    return TimeStampService(authorities, rules, nonce=fresh_nonce, monotonic=time.monotonic, sleep=time.sleep)


def time_stamp_authorities(settings: Settings) -> tuple[Authority, ...]:
    """The authorities of the configuration, in their order; for the exercise the one in this process.

    Raises:
        KeyProblem: a certificate of an authority cannot be read.
    """
    folder = settings.time_stamp.exercise_folder
    if folder is not None:
        return (Authority("exercise", exercise_authority(folder).respond),)
    return _authorities(settings.time_stamp, exercise=settings.scheme.is_exercise)


def _authorities(chosen: TimeStampSettings, *, exercise: bool) -> tuple[Authority, ...]:
    trusted = [certificate for path in chosen.certificates for certificate in load_certificates(path)]
    return tuple(authority_at(url, timeout_seconds=chosen.timeout_seconds, allow_loopback=exercise, trusted=trusted) for url in chosen.urls)


def exercise_authority(folder: Path) -> TimeStampAuthority:
    """The time stamp authority of an exercise scheme (RFC 3161), with serial numbers that do not repeat."""
    signer = open_exercise_scheme(folder).time_stamp_signer()
    return TimeStampAuthority(
        signer, policy=TIME_STAMP_POLICY, now=lambda: datetime.now(UTC), serial=lambda: secrets.randbits(120) | 1 << 120
    )
