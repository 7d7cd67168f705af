"""The receiver of the benchmark: `blauweknop serve verifier` on an exercise scheme of its own, and people who have what it asks."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import open_database, reading
from blauweknop.adapters.row_encryption import RowKey, read_secret_key
from blauweknop.adapters.trust_store import BUNDLE_NAME
from blauweknop.adapters.verifier_records import VERIFIER_DOSSIERS
from blauweknop.adapters.verifier_settings import load_verifier
from blauweknop.assembly.requests import asking_services
from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.cli.bench_presenter_client import HeldCredential, Invitation
from blauweknop.cli.bench_servers import BenchServer, ServerFailed, bench_server
from blauweknop.cli.bench_wallet_issuer import WORKERS, WalletSource, wallet_source
from blauweknop.cli.configuration import FILE_NAME
from blauweknop.demo.scheme import renew_bundle
from blauweknop.document.wallet_credentials import CopyOrder, issue_batch
from blauweknop.domain.verdict import Colour
from blauweknop.standards import sd_jwt_vc
from blauweknop.standards.dcql import DcqlQuery
from blauweknop.verifier.asking.packages import question_of
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.verifier.asking.questions import Question
from blauweknop.verifier.asking.requesting import REQUEST_LIFE
from blauweknop.verifier.asking.transactions import begin

__all__ = ["BenchReceiver", "bench_receiver"]

_RECEIVER = "hypotheek"
_PACKAGE = "hypotheek.aanvraag"
_ITEM = "loon"
_HELD = 64
_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class BenchReceiver:
    """A receiver, what it asks, and the credentials that answer it."""

    source: WalletSource = field(repr=False)
    services: AskingServices = field(repr=False)
    question: Question
    held: tuple[HeldCredential, ...] = field(repr=False)
    engine: Engine = field(repr=False)

    @property
    def credential(self) -> str:
        """The id in the question of what is presented."""
        return self.question.query.credentials[0].id

    def claims(self) -> int:
        """How many are shown."""
        return len(self.question.query.credentials[0].claims)

    def invitations(self, count: int) -> tuple[Invitation, ...]:
        """So many people who followed the link to their holder: each with a request and a session of their own."""
        made = []
        for _ in range(count):
            _, request = self.services.requests.open(self.question, now=self.services.now, life=REQUEST_LIFE)
            session = secrets.token_urlsafe(32)
            state, _ = begin(request, session, self.services, elsewhere=False)
            made.append(Invitation(self.services.request_uri(state), f"{self.services.session_cookie.name}={session}"))
        return tuple(made)

    def kept(self) -> int:
        """How many answers are kept; of the last, everything must be real.

        Raises:
            ServerFailed: something of them is not.
        """
        for request in self.services.requests.newest(most=_LOOKED_AT):
            found = self.services.answers.of_request(request.id)
            if found is not None and any(item.colour is not Colour.GREEN or not item.claims for item in found.answer.items):
                raise ServerFailed("expected answers that are green")
        with reading(self.engine) as connection:
            return int(connection.execute(select(func.count()).select_from(VERIFIER_DOSSIERS)).scalar_one())

    @contextmanager
    def served(self) -> Iterator[BenchServer]:
        """The server, until the end of the block. Raises: ServerFailed."""
        port = urlsplit(self.services.receiver.address).port or 0
        with bench_server("verifier", self.source.scheme.folder, port, WORKERS, "--requests-only") as running:
            yield running


@contextmanager
def bench_receiver() -> Iterator[BenchReceiver]:
    """A receiver that is gone afterwards; nothing is served yet. The status lists of the sources come with its bundle."""
    with wallet_source() as source:
        scheme = source.scheme
        renew_bundle(scheme, now=datetime.now(UTC))
        file = scheme.folder / FILE_NAME
        file.write_text(file.read_text("utf-8").replace("[scheme]\n", f'[scheme]\nbundle = "{BUNDLE_NAME}"\n', 1), "utf-8")
        settings = load_verifier(file)
        if settings.storage is None or settings.requests is None:
            raise ServerFailed("expected an exercise that asks")
        engine = open_database(settings.storage.url)
        key = RowKey.from_secret(read_secret_key(settings.storage.secret_key_file))
        made = asking_services(
            settings.requests, settings.scheme.base_url, engine, key, judge=lambda look, _at: look(source.trust), catalogue=scheme.catalogue
        )
        services = next(one for one in made if one.receiver.id == _RECEIVER)
        whole = question_of(load_life_events().package(_PACKAGE), scheme.catalogue)
        items = tuple(item for item in whole.items if item.id == _ITEM)
        queries = tuple(query for query in whole.query.credentials if query.holder_binding and whole.item_of(query.id) in items)
        question = Question(_PACKAGE, items, DcqlQuery(queries))
        yield BenchReceiver(source, services, question, _held(source, question), engine)
        engine.dispose()


def _held(source: WalletSource, question: Question) -> tuple[HeldCredential, ...]:
    """Credentials of the source, each for a key of its own, with what is asked of them."""
    names = {str(claim.path[0]) for claim in question.query.credentials[0].claims}
    services, now, held = source.services, source.services.now, []
    answers = [found for _, found in islice(source.answers, _HELD)]
    for place in range(_HELD):
        private = ec.generate_private_key(ec.SECP256R1())
        order = CopyOrder(private.public_key(), services.status_place(now))
        (text,) = issue_batch(
            answers[place % len(answers)].snapshot,
            source.configuration("dc+sd-jwt").summary,
            [order],
            services.wallet_issuer,
            form="dc+sd-jwt",
            at=now,
        )
        shown = sd_jwt_vc.disclose(text, lambda path: path[0] in names)
        held.append(HeldCredential(shown, private.private_numbers().private_value))
    return tuple(held)
