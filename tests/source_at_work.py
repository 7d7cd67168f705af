"""A source of the exercise at work: it seals, gives out credentials for wallets, publishes its lists; and a receiver who checks all that.

The commands are those of the command line; the pages of the source are not needed. The clock is that of this machine.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.keys import load_signer
from blauweknop.adapters.records import Records
from blauweknop.adapters.settings import Settings, load_settings
from blauweknop.adapters.trust_store import TrustPlaces, load_trust
from blauweknop.assembly.sealing import row_key, status_places
from blauweknop.checking.check_document import check_document
from blauweknop.checking.check_presentation import check_presentation
from blauweknop.checking.trust import Trust
from blauweknop.demo.status import published_lists, status_hosts
from blauweknop.document.wallet_credentials import CopyOrder, CredentialFormat, WalletIssuer, batch_times, issue_batch
from blauweknop.domain.identifiers import Bsn
from blauweknop.domain.verdict import Verdict
from blauweknop.register.exercise_keys import open_exercise_scheme
from blauweknop.register.trust_publishing import exercise_trust_list, publish_exercise_trust_list
from blauweknop.standards import base64url, sd_jwt_vc
from blauweknop.standards.signing import Signer
from tests.unit.checking import credentials as c
from tests.unit.checking import mdocs as m
from tests.unit.cli.installation import DATASET, exit_of, install, snapshot
from tests.unit.issuer.source_world import CATALOGUE

__all__ = ["SourceAtWork", "command", "now", "said_by"]

_SEQUENCES = count(1)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def command(*arguments: object) -> None:
    """A command that must end well."""
    assert exit_of([str(argument) for argument in arguments]) == 0


def said_by(verdict: Verdict) -> str:
    """The colour, and what is against it."""
    return " ".join([verdict.colour.value, *(found.partition(" ")[2] for found in c.against(verdict))])


@dataclass
class SourceAtWork:
    """DUO, with its keys in one folder."""

    config: Path
    sealed: "count[int]" = field(default_factory=lambda: count(1))

    @classmethod
    def begin(cls, folder: Path) -> "SourceAtWork":
        source = cls(install(folder))
        with source.database() as engine:
            upgrade(engine)
        source.publish_trust_list()
        return source

    @property
    def settings(self) -> Settings:
        return load_settings(self.config)

    @property
    def keys(self) -> Path:
        return self.config.parent / "keys" / "sources" / "duo"

    @contextmanager
    def database(self) -> Iterator[Engine]:
        engine = open_database(self.settings.storage.url)
        yield engine
        engine.dispose()

    def seal(self, data: Path) -> bytes:
        output = self.config.parent / f"{next(self.sealed)}.pdf"
        command("seal", data, "--dataset", DATASET, "--source", "duo", "--config", self.config, "-o", output)
        return output.read_bytes()

    def credential_signer(self) -> Signer:
        source = self.settings.sources["duo"]
        assert source.credential is not None
        return load_signer(source.credential.key, source.credential.certificate, source.seal.chain)

    def give_out(self, form: CredentialFormat, person: Bsn, *, copies: int = 3) -> bytes:
        """The first copy of a batch, of the holder of `credentials`; what is kept of it is kept as the issuer does."""
        settings, signer, at, summary = self.settings, self.credential_signer(), now(), CATALOGUE.summaries[DATASET]
        with self.database() as engine:
            take = status_places(settings, settings.sources["duo"], engine, at_once=copies)
            keys = [c.holder_key().public_key(), *(ec.generate_private_key(ec.SECP256R1()).public_key() for _ in range(copies - 1))]
            orders = [CopyOrder(key, take(at)) for key in keys]
            issuer = WalletIssuer(settings.sources["duo"].identity, "https://duo.example/duo", signer, secrets.token_bytes)
            batch = issue_batch(snapshot(), summary, orders, issuer, form=form, at=at)
            Records(engine, row_key(settings)).credentials_issued(
                [order.status for order in orders],
                source="duo",
                dataset_id=DATASET,
                dataset_version=summary.dataset.version,
                issued_at=at,
                valid_until=batch_times(summary, signer, at)[1],
                with_bsn=False,
                person=person,
            )
        return batch[0].encode() if form == "dc+sd-jwt" else base64url.decode(batch[0])

    def publish_trust_list(self, withdrawn: Mapping[bytes, datetime] | None = None) -> None:
        """As the operator of the register: with all keys that the source has."""
        scheme, settings = open_exercise_scheme(self.config.parent / "keys"), self.settings
        with self.database() as engine:
            hosts = status_hosts(engine)
        trust_list = exercise_trust_list(
            scheme,
            [source.identity for source in settings.sources.values()],
            {name: tuple(source.datasets) for name, source in settings.sources.items()},
            sequence=int(now().timestamp()) + next(_SEQUENCES),
            check_url=settings.scheme.check_url,
            since=now() - timedelta(hours=1),
            at=now(),
            status_hosts=hosts,
            withdrawn=withdrawn or {},
        )
        (self.config.parent / "trust-list.json").write_text(publish_exercise_trust_list(scheme, trust_list), "ascii")

    def trust(self, at: datetime | None = None) -> Trust:
        """What a receiver has who just fetched the trust list and every status list, from processes with the keys of the configuration."""
        moment = at or now()
        places = TrustPlaces(str(self.config.parent / "trust-list.json"), self.config.parent / "trust-anchor.pem")
        listed = load_trust(places, now=moment, state=self.config.parent / "receiver", fetch=None)
        with self.database() as engine:
            lists = published_lists(self.settings, engine)(moment)
        return Trust(listed.trust_list, listed.problem, status_lists=lists)

    def check(self, made: bytes, at: datetime | None = None) -> str:
        """What a receiver sees of a document, or of a credential that its holder shows."""
        return said_by(self.verdict(made, at))

    def verdict(self, made: bytes, at: datetime | None = None) -> Verdict:
        moment = at or now()
        trust = self.trust(moment)
        if made.startswith(b"%PDF"):
            return check_document(made, trust=trust, at=moment, catalogue=CATALOGUE)
        if made.startswith(b"ey"):
            shown = sd_jwt_vc.bind(made.decode(), c.holder(), audience=c.AUDIENCE, nonce=c.NONCE, at=moment)
            return check_presentation(shown.encode(), asked=c.ASKED, trust=trust, at=moment, catalogue=CATALOGUE)
        return check_presentation(m.presented([made]), asked=m.ASKED, trust=trust, at=moment, catalogue=CATALOGUE)
