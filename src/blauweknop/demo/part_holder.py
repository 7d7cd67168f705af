"""Mijn Blauwe Knop of the exercise: keeping, fetching and sharing."""

from blauweknop.adapters.holder_outbox import HolderOutbox
from blauweknop.adapters.holder_settings import HolderSettings
from blauweknop.assembly.collecting import collecting_services
from blauweknop.assembly.holder import address_of_return, holder_sweeps
from blauweknop.assembly.issuers import SharedParts
from blauweknop.assembly.links import link_pages_of, link_services, with_links
from blauweknop.assembly.sharing import sharing_services
from blauweknop.demo.judge import ExerciseJudge
from blauweknop.demo.part import Part
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.collecting.background import Background
from blauweknop.holder.collecting.ports import CollectingServices
from blauweknop.holder.collecting.routes import collecting_router
from blauweknop.holder.page import holder_portal
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.routes import holder_router
from blauweknop.holder.sharing.routes import sharing_router
from blauweknop.holder.sharing.withdrawing import deliver_due

__all__ = ["holder_part"]


def holder_part(shared: SharedParts, holder: HolderServices, mine: HolderSettings, judge: ExerciseJudge) -> Part:
    """Everything of Mijn Blauwe Knop.

    Raises:
        BlauweKnopError: the configuration does not say where to fetch.
    """
    background, looking = Background(), Background(threads=1)
    collecting = _collecting(shared, holder, mine, judge)
    sharing = sharing_services(
        collecting,
        trust=judge.trust,
        trust_with=judge.trust_with,
        outbox=HolderOutbox(shared.engine, shared.row_key),
        exercise=True,
        background=background,
    )
    links = link_services(mine, sharing, shared.engine, shared.row_key, exercise=True)
    holder = with_links(holder, links)
    return Part(
        [
            holder_router(holder, check=judge.verdict, background=looking),
            collecting_router(holder, collecting, background),
            sharing_router(holder, sharing, links=links),
            *link_pages_of(holder, links),
        ],
        portals=[holder_portal(holder)],
        sweeps=[*holder_sweeps(shared.engine, shared.row_key, holder), deliver_due(sharing)],
        on_shutdown=[background.stop],
    )


def _collecting(shared: SharedParts, holder: HolderServices, mine: HolderSettings, judge: ExerciseJudge) -> CollectingServices:
    if mine.collect is None:
        raise BlauweKnopError("the configuration of the exercise has no [holder.collect]", remedy="choose another folder with --data-dir")
    back = address_of_return(holder.base_url, mine)
    return collecting_services(mine.collect, redirect_uri=back, trust=judge.trust, check=judge.verdict, catalogue=shared.catalogue)
