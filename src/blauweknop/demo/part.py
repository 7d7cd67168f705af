"""What one role adds to the one application of the exercise."""

from collections.abc import Sequence
from dataclasses import dataclass

from litestar.types import BeforeMessageSendHookHandler, ControllerRouterHandler, LifespanHook

from blauweknop.assembly.upkeep import Sweep
from blauweknop.web.page import Portal

__all__ = ["Part"]


@dataclass(frozen=True, slots=True)
class Part:
    """Its pages and addresses, what it forgets on time, and what it starts and stops."""

    handlers: Sequence[ControllerRouterHandler]
    portals: Sequence[Portal] = ()
    sweeps: Sequence[Sweep] = ()
    login_origins: Sequence[str] = ()
    before_send: Sequence[BeforeMessageSendHookHandler] = ()
    on_startup: Sequence[LifespanHook] = ()
    on_shutdown: Sequence[LifespanHook] = ()
