"""What the benchmarks measure of a source that issues to wallets: whole flows per second, memory, its start, and what survives a crash.

Server and wallets share the processors of this machine, as the goals of the project ask; the CPU time of both is told apart. What a flow
is, says `bench_wallet_client`.
"""

import multiprocessing
import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

from blauweknop.cli.bench_report import Figure
from blauweknop.cli.bench_servers import BenchServer
from blauweknop.cli.bench_wallet_client import Fetched, WalletJob, WalletOffer, Worked, serve_wallets
from blauweknop.cli.bench_wallet_issuer import WalletSource, wallet_source
from blauweknop.document.wallet_credentials import CredentialFormat
from blauweknop.domain.document import Unavailable
from blauweknop.domain.errors import BlauweKnopError

__all__ = ["WalletEffort", "WalletFigures", "WalletsFailed", "measure_wallets"]

_CLIENTS = 2  # processes
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
        WalletsFailed, ServerFailed: not everything was issued as it should be.
    """
    with wallet_source() as source, _wallets() as wallets:
        with source.served() as issuer:
            _fetch(source, wallets, "dc+sd-jwt", effort.at_once * _CLIENTS, effort)  # so that nothing is done for the first time
            flows = [figure for form in _NAMES for figure in _figures_of_flows(source, issuer, wallets, form, effort)]
            memory = issuer.memory()
        figures = [
            *flows,
            *_told(Figure("wallet_memory", memory, 150, rival=_RIVAL_MEMORY)),
            Figure("wallet_start", issuer.start_seconds, 3),
            *_figures_of_promises(source, wallets, effort),
        ]
        return WalletFigures(figures, {"claims": source.claims(), "at_once": effort.at_once * _CLIENTS})


def _figures_of_flows(
    source: WalletSource, issuer: BenchServer, wallets: Sequence[Connection], form: CredentialFormat, effort: WalletEffort
) -> list[Figure]:
    rates, server, client = list[float](), list[float](), list[float]()
    fetched: list[Fetched] = []
    for _ in range(effort.rounds):
        before = issuer.cpu_seconds()
        worked = _fetch(source, wallets, form, effort.flows, effort)
        server.append((issuer.cpu_seconds() - before) / effort.flows)
        client.append(sum(each.cpu for each in worked) / effort.flows)
        rates.append(effort.flows / (max([each.ended for each in worked]) - min([each.began for each in worked])))
        fetched += [one for each in worked for one in each.fetched]
    _require_good(source, fetched)
    name, seconds = _NAMES[form], sorted(one.seconds for one in fetched)
    return [
        Figure(f"flows_{name}", statistics.median(rates), 80, at_least=True, rival=_RIVAL_FLOWS[form]),
        Figure(f"flow_{name}_half", statistics.median(seconds) * 1000),
        Figure(f"flow_{name}_most", seconds[len(seconds) * 95 // 100] * 1000, 250),
        *_told(Figure(f"flow_{name}_server", statistics.median(server) * 1000)),
        Figure(f"flow_{name}_client", statistics.median(client) * 1000),
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
    """All processes begin at the same moment."""
    identifier, configuration_id = source.services.identifier, source.configuration(form).id
    for number, pipe in enumerate(wallets):
        pipe.send(WalletJob(identifier, source.keys, configuration_id, tuple(offers[number::_CLIENTS]), effort.at_once, come_back))
    for pipe in wallets:
        _answer(pipe)
    for pipe in wallets:
        pipe.send("now")
    answers = [_answer(pipe) for pipe in wallets]
    failed = [answer for answer in answers if not isinstance(answer, Worked)]
    if failed:
        raise WalletsFailed(f"a wallet could not do its work: {failed[0]}")
    return [answer for answer in answers if isinstance(answer, Worked)]


def _answer(pipe: Connection) -> object:
    try:
        return pipe.recv()
    except EOFError as error:
        raise WalletsFailed("a process with wallets ended before it was done") from error


def _require_good(source: WalletSource, fetched: Sequence[Fetched]) -> None:
    """The last of them, by the check of every receiver."""
    faults = source.faults(fetched[-1].credential or "")
    if faults:
        raise WalletsFailed(f"the check does not find what was issued good: {', '.join(sorted(faults))}")


@contextmanager
def _wallets() -> Iterator[list[Connection]]:
    """Processes with wallets."""
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        pipes = []
        for _ in range(_CLIENTS):
            ours, theirs = context.Pipe()
            process = context.Process(target=serve_wallets, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            stack.callback(process.join)
            stack.callback(ours.close)
            pipes.append(ours)
        yield pipes
