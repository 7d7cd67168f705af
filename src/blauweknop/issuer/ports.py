"""What the issuer needs from outside, as small protocols; the adapters fit them."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from blauweknop.document.certified import Certifier
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import Outcome, SourceIdentity
from blauweknop.domain.identifiers import Bsn
from blauweknop.issuer.login import Login, Sessions
from blauweknop.issuer.status_lists import ListToken
from blauweknop.issuer.withdrawn import WithdrawnRecords
from blauweknop.standards.status_list import StatusReference
from blauweknop.web.cookies import Cookie

__all__ = ["DocumentRecords", "IssuerServices", "SourceSystem"]


class SourceSystem(Protocol):
    """Where a data set comes from. Answers with an Outcome whatever happens; blocking, called in a thread."""

    def fetch(self, bsn: Bsn, dataset: Dataset, *, at: datetime) -> Outcome: ...


class DocumentRecords(Protocol):
    """What a source keeps of a document it made: no values, and not for which person, though it can be found by the person."""

    def document_issued(
        self,
        document_id: str,
        *,
        source: str,
        dataset_id: str,
        dataset_version: int,
        issued_at: datetime,
        valid_until: datetime,
        with_bsn: bool,
        status: StatusReference | None,
        person: Bsn,
        acting: str | None = None,
    ) -> None: ...

    def credentials_issued(
        self,
        places: Sequence[StatusReference | None],
        *,
        source: str,
        dataset_id: str,
        dataset_version: int,
        issued_at: datetime,
        valid_until: datetime,
        with_bsn: bool,
        person: Bsn,
        acting: str | None = None,
    ) -> None: ...

    def event(self, *, time: datetime, source: str, activity: str, outcome: str, trace_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class IssuerServices:
    """Everything one source organisation needs to serve people; built by the application assembly."""

    source: SourceIdentity
    path: str  # where its pages are: "/duo"
    colour: str
    datasets: tuple[Dataset, ...]
    systems: Mapping[str, SourceSystem] = field(repr=False)  # by data set id
    login: Login = field(repr=False)
    sessions: Sessions = field(repr=False)
    certifier: Certifier = field(repr=False)
    records: DocumentRecords = field(repr=False)
    withdrawn: WithdrawnRecords = field(repr=False)
    now: Callable[[], datetime] = field(repr=False)
    random_id: Callable[[], str] = field(repr=False)  # 128 random bits as 32 hex digits
    check_url: str
    correction_url: str
    session_cookie: Cookie
    login_cookie: Cookie
    forget_pages: Mapping[str, str]  # headers that make a browser forget the session's pages
    status_list: Callable[[str], ListToken | None] = field(repr=False)  # what is published now of the list of this name
    pool: ThreadPoolExecutor = field(repr=False)  # asks the systems of the source
    wait_seconds: float = 8.0  # how long a page waits for them
    login_starts: int = 10  # a minute from one address (PROTOCOL 11)
    wallets: bool = False  # whether it issues to wallets too

    @property
    def by_id(self) -> dict[str, Dataset]:
        return {dataset.id: dataset for dataset in self.datasets}
