"""Pages that ask a person to come back in a moment: too many people at once, or too many attempts."""

from math import ceil

from litestar import Response

from blauweknop.holder.accounts import OpeningProblem
from blauweknop.holder.page import holder_page
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.visit import PageRequest

__all__ = ["busy", "problem_answer"]


def problem_answer(request: PageRequest, services: HolderServices, problem: OpeningProblem) -> Response[str] | None:
    """The page of a problem that time solves; None for others."""
    if problem.code == "unknown":
        return None
    if problem.code == "busy":
        return busy(request, services)
    seconds = ceil(problem.wait.total_seconds())
    return holder_page(
        request, services, "holder/later.html", None, status_code=429, headers={"Retry-After": str(seconds)}, seconds=seconds
    )


def busy(request: PageRequest, services: HolderServices) -> Response[str]:
    """Too many people at once."""
    return holder_page(request, services, "holder/later.html", None, status_code=503, headers={"Retry-After": "10"}, seconds=0)
