"""What the benchmarks measure of a source that issues to wallets: whole flows per second, memory, its start, and what survives a crash.

Server and wallets share the processors of this machine, as the goals of the project ask; the CPU time of both is told apart. What a flow
is, says `bench_wallet_client`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from blauweknop.cli.bench_clients import CLIENTS, Fetched, Worked, clients, measure_rounds, work_at_once
from blauweknop.cli.bench_report import Figure
from blauweknop.cli.bench_servers import BenchServer
from blauweknop.cli.bench_wallet_client import WalletJob, WalletOffer, serve_wallets
from blauweknop.cli.bench_wallet_issuer import WalletSource, wallet_source
from blauweknop.document.wallet_credentials import CredentialFormat
from blauweknop.domain.document import Unavailable
from blauweknop.domain.errors import BlauweKnopError

__all__ = ["WalletEffort", "WalletFigures", "WalletsFailed", "measure_wallets"]

_NAMES: dict[CredentialFormat, str] = {"dc+sd-jwt": "sd_jwt", "mso_mdoc": "mdoc"}
# The best that others reach: the whole pre-authorised flow with 22 claims, measured before on a machine of the same class.
_RIVAL_FLOWS: dict[CredentialFormat, float] = {"dc+sd-jwt": 8, "mso_mdoc": 12}
_RIVAL_MEMORY = 300


class WalletsFailed(BlauweKnopError):
    """Not everything that was asked for was issued, so the figures mean nothing."""


@dataclass(frozen=True, slots=True)
class WalletEffort:
    """Rounds, flows in each, wallets at the same time in each of two processes, and promises that a crash must not lose."""

    rounds: int
    flows: int
    at_once: int
    promises: int


@dataclass(frozen=True, slots=True)
class WalletFigures:
    """Each figure beside its goal, and what a flow was: `claims` in a credential, wallets `at_once`."""

    figures: list[Figure]
    subject: dict[str, int]


def measure_wallets(effort: WalletEffort) -> WalletFigures:
    """What a source does for wallets, and what remains of its promises when it is killed.

    Raises:
        WalletsFailed, ClientsFailed, ServerFailed: not everything was issued as it should be.
    """
    with wallet_source() as source, clients(serve_wallets) as wallets:
        with source.served() as issuer:
            _fetch(source, wallets, "dc+sd-jwt", effort.at_once * CLIENTS, effort)  # so that nothing is done for the first time
            flows = [figure for form in _NAMES for figure in _figures_of_flows(source, issuer, wallets, form, effort)]
            memory = issuer.memory()
        figures = [
            *flows,
            *_told(Figure("wallet_memory", memory, 150, rival=_RIVAL_MEMORY)),
            Figure("wallet_start", issuer.start_seconds, 3),
            *_figures_of_promises(source, wallets, effort),
        ]
        return WalletFigures(figures, {"claims": source.claims(), "at_once": effort.at_once * CLIENTS})


def _figures_of_flows(
    source: WalletSource, issuer: BenchServer, wallets: Sequence[Connection], form: CredentialFormat, effort: WalletEffort
) -> list[Figure]:
    measured = measure_rounds(issuer, effort.rounds, effort.flows, lambda: _fetch(source, wallets, form, effort.flows, effort))
    _require_good(source, measured.fetched)
    name = _NAMES[form]
    return [
        Figure(f"flows_{name}", measured.rate, 80, at_least=True, rival=_RIVAL_FLOWS[form]),
        Figure(f"flow_{name}_half", measured.half * 1000),
        Figure(f"flow_{name}_most", measured.most * 1000, 250),
        *_told(Figure(f"flow_{name}_server", measured.on_server * 1000)),
        Figure(f"flow_{name}_client", measured.on_client * 1000),
    ]


def _figures_of_promises(source: WalletSource, wallets: Sequence[Connection], effort: WalletEffort) -> list[Figure]:
    """Wallets are told to come back, the server is killed, and after its restart each comes back."""
    with source.served() as issuer, source.silent():
        offers = source.offers("dc+sd-jwt", effort.promises, instead=Unavailable("connection"))
        worked = _work(source, wallets, "dc+sd-jwt", offers, effort)
        if any(fetched.credential for each in worked for fetched in each.fetched):
            raise WalletsFailed("expected wallets that were told to come back")
        memory = issuer.memory()
        issuer.kill()
    with source.served():
        worked = _work(source, wallets, "dc+sd-jwt", (), effort, come_back=True)
    fetched = [fetched for each in worked for fetched in each.fetched]
    kept = [one for one in fetched if one.credential]
    if kept:
        _require_good(source, kept)
    return [
        *_told(Figure("promises_memory", memory, 150, count=effort.promises)),
        Figure("promises_lost", effort.promises - len(kept), 0, count=effort.promises),
    ]


def _told(figure: Figure) -> list[Figure]:
    """Nothing when the system did not tell it."""
    return [figure] if figure.value > 0 else []


def _fetch(source: WalletSource, wallets: Sequence[Connection], form: CredentialFormat, count: int, effort: WalletEffort) -> list[Worked]:
    worked = _work(source, wallets, form, source.offers(form, count), effort)
    if sum(fetched.credential is not None for each in worked for fetched in each.fetched) != count:
        raise WalletsFailed("expected a credential in each flow")
    return worked


def _work(
    source: WalletSource,
    wallets: Sequence[Connection],
    form: CredentialFormat,
    offers: Sequence[WalletOffer],
    effort: WalletEffort,
    *,
    come_back: bool = False,
) -> list[Worked]:
    identifier, configuration_id = source.services.identifier, source.configuration(form).id
    jobs = [
        WalletJob(identifier, source.keys, configuration_id, tuple(offers[number::CLIENTS]), effort.at_once, come_back)
        for number in range(CLIENTS)
    ]
    return work_at_once(wallets, jobs)


def _require_good(source: WalletSource, fetched: Sequence[Fetched]) -> None:
    """The last of them, by the check of every receiver."""
    faults = source.faults(fetched[-1].credential or "")
    if faults:
        raise WalletsFailed(f"the check does not find what was issued good: {', '.join(sorted(faults))}")
