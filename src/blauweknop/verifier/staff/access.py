"""Who may see what. Each page of the staff asks here, and nowhere else (threats T-30 and T-41)."""

from blauweknop.verifier.asking.ports import KeptRequest
from blauweknop.verifier.staff.ports import Role, Staff, StaffServices

__all__ = ["may_ask", "may_give_tasks", "may_read_log", "may_review", "may_see", "seen_request"]


def may_ask(staff: Staff) -> bool:
    """Whether they make requests."""
    return staff.has(Role.WORKER)


def may_give_tasks(staff: Staff) -> bool:
    """Whether they say who works on what; that shows them no request and no answer."""
    return staff.has(Role.MANAGER)


def may_review(staff: Staff) -> bool:
    """Whether they say yes or no to what colleagues ask; that shows them nothing of an answer."""
    return staff.has(Role.REVIEWER)


def may_read_log(staff: Staff) -> bool:
    """Whether they see who did what; nothing of a person is in it."""
    return staff.has(Role.REVIEWER) or staff.has(Role.MANAGER)


def may_see(staff: Staff, request_id: str, services: StaffServices) -> bool:
    """Whether they see this request and what was answered: it must be their work, and their task."""
    return staff.has(Role.WORKER) and services.tasks.has(request_id, staff.id)


def seen_request(staff: Staff, request_id: str, services: StaffServices) -> KeptRequest | None:
    """The request, for who may see it. None in the same way whether there is none or it is not theirs."""
    return services.asking.requests.by_id(request_id) if may_see(staff, request_id, services) else None
