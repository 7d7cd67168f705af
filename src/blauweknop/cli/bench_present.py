"""`blauweknop bench present`: what a receiver does that asks people: whole presentations per second, and what each costs.

Server and holders share the processors of this machine; the CPU time of both is told apart. What a flow is, says `bench_presenter_client`.
"""

import multiprocessing
import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

from blauweknop.cli.bench_presenter_client import PresentJob, serve_presenters
from blauweknop.cli.bench_receiver import BenchReceiver, bench_receiver
from blauweknop.cli.bench_report import Figure
from blauweknop.cli.bench_wallet_client import Worked
from blauweknop.domain.errors import BlauweKnopError

__all__ = ["PresentEffort", "PresentFigures", "PresentationsFailed", "measure_presentations"]

_CLIENTS = 2  # processes
_RIVAL_FLOWS = 28  # the best that others reach on a machine of the same class, measured before


class PresentationsFailed(BlauweKnopError):
    """Not everything that was presented was kept, so the figures mean nothing."""


@dataclass(frozen=True, slots=True)
class PresentEffort:
    """Rounds, presentations in each, and holders at the same time in each of two processes."""

    rounds: int
    flows: int
    at_once: int


@dataclass(frozen=True, slots=True)
class PresentFigures:
    """Each figure beside its goal, and what a flow was."""

    figures: list[Figure]
    subject: dict[str, int]


def measure_presentations(effort: PresentEffort) -> PresentFigures:
    """What a receiver does.

    Raises:
        PresentationsFailed, ServerFailed: not everything was kept as it should be.
    """
    with bench_receiver() as receiver, _holders() as holders, receiver.served() as server:
        _present(receiver, holders, effort.at_once * _CLIENTS, effort)  # so that nothing is done for the first time
        rates, on_server, on_client, seconds = list[float](), list[float](), list[float](), list[float]()
        for _ in range(effort.rounds):
            before = server.cpu_seconds()
            worked = _present(receiver, holders, effort.flows, effort)
            on_server.append((server.cpu_seconds() - before) / effort.flows)
            on_client.append(sum(each.cpu for each in worked) / effort.flows)
            rates.append(effort.flows / (max([each.ended for each in worked]) - min([each.began for each in worked])))
            seconds += [one.seconds for each in worked for one in each.fetched]
        memory = server.memory()
        expected = effort.at_once * _CLIENTS + effort.rounds * effort.flows
        if receiver.kept() != expected:
            raise PresentationsFailed(f"expected {expected} answers that are kept")
        seconds.sort()
        figures = [
            Figure("presentations", statistics.median(rates), 250, at_least=True, rival=_RIVAL_FLOWS),
            Figure("presentation_half", statistics.median(seconds) * 1000),
            Figure("presentation_most", seconds[len(seconds) * 95 // 100] * 1000, 150),
            Figure("presentation_server", statistics.median(on_server) * 1000),
            Figure("presentation_client", statistics.median(on_client) * 1000),
            Figure("receiver_memory", memory),
            Figure("receiver_start", server.start_seconds),
        ]
        return PresentFigures(figures, {"claims": receiver.claims(), "at_once": effort.at_once * _CLIENTS})


def _present(receiver: BenchReceiver, holders: Sequence[Connection], count: int, effort: PresentEffort) -> list[Worked]:
    """All processes begin at the same moment."""
    invitations = receiver.invitations(count)
    address, client_id = receiver.services.receiver.address, receiver.services.receiver.client_id
    for number, pipe in enumerate(holders):
        own = invitations[number::_CLIENTS]
        pipe.send(PresentJob(address, client_id, receiver.credential, own, receiver.held, effort.at_once))
    for pipe in holders:
        _answer(pipe)
    for pipe in holders:
        pipe.send("now")
    answers = [_answer(pipe) for pipe in holders]
    failed = [answer for answer in answers if not isinstance(answer, Worked)]
    if failed:
        raise PresentationsFailed(f"a holder could not do its work: {failed[0]}")
    return [answer for answer in answers if isinstance(answer, Worked)]


def _answer(pipe: Connection) -> object:
    try:
        return pipe.recv()
    except EOFError as error:
        raise PresentationsFailed("a process with holders ended before it was done") from error


@contextmanager
def _holders() -> Iterator[list[Connection]]:
    """A pipe to each process."""
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        pipes = []
        for _ in range(_CLIENTS):
            ours, theirs = context.Pipe()
            process = context.Process(target=serve_presenters, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            stack.callback(process.join)
            stack.callback(ours.close)
            pipes.append(ours)
        yield pipes
