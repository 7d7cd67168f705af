"""The exercise scheme as one web application: five sources, the check, the register's public files, the login, the systems behind.

What a role needs is in its own `part_*.py`; here they come together.
"""

import secrets
from datetime import UTC, datetime

from litestar import Litestar

from blauweknop.adapters.holder_settings import load_holder
from blauweknop.adapters.verifier_settings import load_verifier
from blauweknop.assembly.holder import holder_services
from blauweknop.assembly.issuers import SharedParts, issuer_services, open_parts
from blauweknop.assembly.readiness import database_ready, health_routes, signs
from blauweknop.assembly.sealing import signers_of
from blauweknop.assembly.upkeep import Upkeep
from blauweknop.cli.configuration import FILE_NAME
from blauweknop.demo.exercise_wallet import EXERCISE_WALLET_PORTAL, exercise_wallet_router, sources_at
from blauweknop.demo.judge import ExerciseJudge, open_judge
from blauweknop.demo.part import Part
from blauweknop.demo.part_holder import holder_part
from blauweknop.demo.part_receivers import receivers_parts
from blauweknop.demo.part_sources import sources_part
from blauweknop.demo.scheme import DemoScheme, bundle_of
from blauweknop.demo.sources import holder_base
from blauweknop.demo.start_page import DEMO_PORTAL, start_page
from blauweknop.register.bundle_publishing import RenewedBundle
from blauweknop.register.exercise_receiver_keys import ExerciseReceivers, published_registrations
from blauweknop.register.exercise_wallets import ExerciseWallets
from blauweknop.register.routes import register_router
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings

__all__ = ["demo_application"]


def demo_application(scheme: DemoScheme) -> Litestar:
    """Everything of the exercise on one port.

    Raises:
        BlauweKnopError: the prepared folder is broken.
    """
    settings = scheme.settings
    shared = open_parts(settings)
    judge = open_judge(scheme, shared.engine)
    services = issuer_services(settings, shared)
    _, _, mine = load_holder(scheme.folder / FILE_NAME)
    holder = holder_services(shared.engine, shared.row_key, mine, base_url=holder_base(settings.scheme.base_url))
    parts = (
        Part([start_page(services, holder)], portals=[DEMO_PORTAL]),
        _wallet_part(scheme),
        holder_part(shared, holder, mine, judge),
        sources_part(scheme, shared, services),
        *receivers_parts(settings.scheme.base_url, load_verifier(scheme.folder / FILE_NAME), shared, judge),
        _register_part(scheme, shared, judge),
    )
    upkeep = Upkeep([sweep for part in parts for sweep in part.sweeps])
    return web_application(
        [handler for part in parts for handler in part.handlers],
        WebSettings(
            csrf_secret=secrets.token_hex(32),
            secure=False,
            exercise=True,
            login_origins=tuple(dict.fromkeys(origin for part in parts for origin in part.login_origins)),
        ),
        portals=[portal for part in parts for portal in part.portals],
        before_send=[hook for part in parts for hook in part.before_send],
        on_startup=[upkeep.start, *(hook for part in parts for hook in part.on_startup)],
        on_shutdown=[*(hook for part in parts for hook in part.on_shutdown), upkeep.stop, judge.close],
    )


def _wallet_part(scheme: DemoScheme) -> Part:
    provider = ExerciseWallets(scheme.folder / "keys" / "wallets").provider()
    sources = sources_at(scheme.settings.scheme.base_url, provider, lambda: datetime.now(UTC))
    return Part([exercise_wallet_router(sources, scheme.catalogue)], portals=[EXERCISE_WALLET_PORTAL])


def _register_part(scheme: DemoScheme, shared: SharedParts, judge: ExerciseJudge) -> Part:
    """What the register publishes, and whether all of this works."""
    signers = signers_of(scheme.settings)
    bundle = RenewedBundle(lambda now: bundle_of(scheme, judge.lists(now), now=now), now=lambda: datetime.now(UTC))
    return Part(
        [
            register_router(
                scheme.catalogue,
                trust_list=(scheme.folder / "trust-list.json").read_bytes,
                trust_anchor=(scheme.folder / "trust-anchor.pem").read_bytes,
                bundle=bundle,
                registrations=judge.registrations,
                receivers=lambda: published_registrations(ExerciseReceivers(scheme.folder / "keys" / "receivers")),
            ),
            *health_routes(
                {
                    "database": database_ready(shared.engine),
                    "sign": lambda: signs(signers),
                    "trust_list": lambda: judge.kept(datetime.now(UTC)).trust_list is not None,
                }
            ),
        ]
    )
