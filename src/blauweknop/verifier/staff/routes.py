"""All pages for the staff of one receiver, below its path."""

from litestar import Router
from litestar.di import Provide

from blauweknop.verifier.staff.ports import StaffServices
from blauweknop.verifier.staff.routes_approvals import decide, make_approved, show_approval, show_approvals, take_approval_back
from blauweknop.verifier.staff.routes_household import invite_partner, take_partner_back
from blauweknop.verifier.staff.routes_log import show_log, take_log
from blauweknop.verifier.staff.routes_login import come_back, ended_by_provider_route, first_page, log_in_route, log_out, logged_out
from blauweknop.verifier.staff.routes_requests import make, show_form, show_request_of_staff, show_requests, take_back
from blauweknop.verifier.staff.routes_tasks import change_task, show_tasks

__all__ = ["staff_router"]


def staff_router(services: StaffServices) -> Router:
    """Of one receiver."""
    return Router(
        services.path,
        route_handlers=[
            first_page,
            log_in_route(services),
            come_back,
            log_out,
            ended_by_provider_route(services),
            logged_out,
            show_requests,
            show_form,
            make,
            show_request_of_staff,
            take_back,
            invite_partner,
            take_partner_back,
            show_tasks,
            change_task,
            show_approvals,
            show_approval,
            decide,
            take_approval_back,
            make_approved,
            show_log,
            take_log,
        ],
        dependencies={"services": Provide(lambda: services, sync_to_thread=False)},
        include_in_schema=False,
    )
