"""`blauweknop bench present`: what a receiver does that asks people: whole presentations per second, and what each costs.

Server and holders share the processors of this machine; the CPU time of both is told apart. What a flow is, says `bench_presenter_client`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from blauweknop.cli.bench_clients import CLIENTS, Worked, clients, measure_rounds, work_at_once
from blauweknop.cli.bench_presenter_client import PresentJob, serve_presenters
from blauweknop.cli.bench_receiver import BenchReceiver, bench_receiver
from blauweknop.cli.bench_report import Figure
from blauweknop.domain.errors import BlauweKnopError

__all__ = ["PresentEffort", "PresentFigures", "PresentationsFailed", "measure_presentations"]

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
        PresentationsFailed, ClientsFailed, ServerFailed: not everything was kept as it should be.
    """
    with bench_receiver() as receiver, clients(serve_presenters) as holders, receiver.served() as server:
        _present(receiver, holders, effort.at_once * CLIENTS, effort)  # so that nothing is done for the first time
        measured = measure_rounds(server, effort.rounds, effort.flows, lambda: _present(receiver, holders, effort.flows, effort))
        memory = server.memory()
        expected = effort.at_once * CLIENTS + effort.rounds * effort.flows
        if receiver.kept() != expected:
            raise PresentationsFailed(f"expected {expected} answers that are kept")
        figures = [
            Figure("presentations", measured.rate, 250, at_least=True, rival=_RIVAL_FLOWS),
            Figure("presentation_half", measured.half * 1000),
            Figure("presentation_most", measured.most * 1000, 150),
            Figure("presentation_server", measured.on_server * 1000),
            Figure("presentation_client", measured.on_client * 1000),
            Figure("receiver_memory", memory),
            Figure("receiver_start", server.start_seconds),
        ]
        return PresentFigures(figures, {"claims": receiver.claims(), "at_once": effort.at_once * CLIENTS})


def _present(receiver: BenchReceiver, holders: Sequence[Connection], count: int, effort: PresentEffort) -> list[Worked]:
    invitations = receiver.invitations(count)
    address, client_id = receiver.services.receiver.address, receiver.services.receiver.client_id
    jobs = [
        PresentJob(address, client_id, receiver.credential, invitations[number::CLIENTS], receiver.held, effort.at_once)
        for number in range(CLIENTS)
    ]
    return work_at_once(holders, jobs)
