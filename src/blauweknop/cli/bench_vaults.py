"""The store of the benchmark of pages: made-up people with accounts full of documents, as collecting leaves them there.

Of the few who will be in, everything is real but the seal: a name and passphrase at their full price, and files as large as our letters.
The others are there to fill the tables: nobody knows what opens them, and their files are small, so that it all fits on a disk.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count, cycle, islice
from secrets import token_bytes

from blauweknop.adapters.certifying import random_id
from blauweknop.adapters.sources.open import open_source
from blauweknop.demo.scheme import DemoScheme
from blauweknop.document.content import DocumentFacts, compose_content
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import Found, JsonValue, Selection
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.accounts import add_way, make_account
from blauweknop.holder.encryption import VaultKey
from blauweknop.holder.items import DocumentItem, head_of, joined_document
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.recovery_code import new_recovery_code
from blauweknop.holder.state import UnlockLabel
from blauweknop.holder.unlocking import NameAndPassphrase, passkey_opener, passphrase_opener, recovery_opener
from blauweknop.holder.vault import ItemHead, Vault
from blauweknop.insight import read_document

__all__ = ["PASSPHRASE", "KeptPerson", "VaultPlan", "fill_vaults"]

PASSPHRASE = "vier groene paarden zingen"  # noqa: S105 - of made-up people
_LETTER_BYTES, _SMALL_BYTES = 170_000, 8_000
_BETWEEN = timedelta(days=91)  # two documents of one data set
_OF_A_SERVICE = "gem.brp"
Content = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class VaultPlan:
    """How many accounts with how many documents each, and how many of them will be in."""

    accounts: int
    documents: int
    visitors: int


@dataclass(frozen=True, slots=True)
class KeptPerson:
    """Somebody who can come in by a name, and the key of a document that is there."""

    name: str = field(repr=False)
    document: str


def fill_vaults(scheme: DemoScheme, services: HolderServices, plan: VaultPlan) -> tuple[KeptPerson, ...]:
    """The accounts; those who will be in are the first of them, and of the people of whom most is known.

    Raises:
        BlauweKnopError: the database cannot take them.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    lives = sorted(filter(None, _lives(scheme, now)), key=len, reverse=True)
    busiest = cycle(lives[: plan.visitors])
    visitors = tuple(
        KeptPerson(f"bezoeker {number}", _fill(f"bezoeker {number}", next(busiest), plan.documents, services, now))
        for number in range(plan.visitors)
    )
    for life in islice(cycle(lives), plan.accounts - plan.visitors):
        _fill(None, life, plan.documents, services, now)
    return visitors


def _fill(name: str | None, life: Sequence[Content], documents: int, services: HolderServices, now: datetime) -> str:
    """An account with documents; the key of the newest."""
    account, data_key = _account(name, services)
    vault = Vault.of(account, data_key, storage=services.items, now=services.now, random=services.random)
    pdf = b"%PDF-1.7" + token_bytes(_LETTER_BYTES if name else _SMALL_BYTES)

    def keep(staged: Vault) -> list[ItemHead]:
        return [_keep(staged, content, pdf, now) for content in islice(_older_and_older(life), documents)]

    return vault.together(keep)[0].id.hex()


def _account(name: str | None, services: HolderServices) -> tuple[bytes, VaultKey]:
    if name is None:
        opener = passkey_opener(token_bytes(32), token_bytes(32))
    else:
        given = NameAndPassphrase.parse(name, PASSPHRASE)
        opener = passphrase_opener(given, name_tag=lambda each: services.keyed_hash("name", each), cost=services.cost)
    opened = make_account(opener, "", services)
    code = recovery_opener(new_recovery_code(services.random(16)))
    if opened is None or not add_way(code, UnlockLabel("", services.now()), opened, services):
        raise BlauweKnopError("an account of the benchmark is there already", remedy="give it an empty database")
    return opened.account, opened.data_key


def _lives(scheme: DemoScheme, now: datetime) -> Iterator[list[Content]]:
    """What the sources have of each person, but for the one that needs a service to be up."""
    systems = [
        (source.identity, scheme.catalogue.dataset(name), open_source(place))
        for source in scheme.settings.sources.values()
        for name, place in source.datasets.items()
        if name != _OF_A_SERVICE
    ]
    for person in scheme.people:
        life = []
        for identity, dataset, system in systems:
            found = system.fetch(person.bsn, dataset, at=now)
            if isinstance(found, Found):
                selection = Selection(dataset.id, frozenset(part.id for part in dataset.parts))
                facts = DocumentFacts(random_id(), random_id(), random_id(), now, "nl", "https://blauweknop.example")
                life.append(compose_content(found.snapshot, selection, dataset, identity, facts))
        yield life


def _older_and_older(life: Sequence[Content]) -> Iterator[Content]:
    """The documents of now, and again those of a quarter of a year before, and so on."""
    for quarter in count():
        for content in life:
            yield content if quarter == 0 else {**content, "document_id": random_id(), **_earlier(content, quarter * _BETWEEN)}


def _earlier(content: Content, by: timedelta) -> Content:
    moments = {name: datetime.fromisoformat(str(content[name])) - by for name in ("saldo_datumtijd", "issued_at")}
    return {name: moment.isoformat() for name, moment in moments.items()}


def _keep(vault: Vault, content: Content, pdf: bytes, now: datetime) -> ItemHead:
    """As `holder.keeping` does with a document that was fetched and is green."""
    read = read_document("", content)
    item = DocumentItem(
        read.document_id,
        read.dataset,
        read.version,
        read.source_oin,
        read.source_name,
        read.reference,
        read.issued_at,
        read.valid_until,
        now,
        "fetched",
        "current" if read.issued_at == now else "replaced",
        str(read.subject["given_name"]),
        str(read.subject["family_name"]),
        PartialDate.parse_json(read.subject["birth_date"]),
    )
    return vault.add(head_of(item), joined_document(content, pdf))
