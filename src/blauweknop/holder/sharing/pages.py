"""What a person sees of a request: the question with every value, what became of it, or why it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from litestar import Response

from blauweknop.catalogue.texts import all_texts, sentence
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.holder.page import holder_page
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.sharing.checked import Remark
from blauweknop.holder.sharing.consent import View
from blauweknop.holder.sharing.ending import chosen_end, shorter_ends
from blauweknop.holder.sharing.matrix import had_before
from blauweknop.holder.sharing.papers import shown_papers
from blauweknop.holder.sharing.ports import SharingServices
from blauweknop.holder.sharing.reasons import Reasons, reasons_of
from blauweknop.holder.sharing.requests import KeptRequest, RequestItem, RequestState, answered_requests
from blauweknop.holder.sharing.showing import followed_titles, shown_asker, shown_sets
from blauweknop.holder.sharing.waiting import hold_in_hand
from blauweknop.holder.visit import PageRequest, Visit
from blauweknop.standards.request_object import VerifiedRequest
from blauweknop.standards.sharing_composing import retention_end
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["Opened", "done_page", "ended_page", "question_page", "refused_page", "today_of"]

_BEGIN_AGAIN = ("request_expired", "over", "gone")
_GRAVE = frozenset(
    {
        "request_signature",
        "request_client",
        "request_receiver",
        "request_data_set",
        "request_claim",
        "request_bsn",
        "access_chain",
        "access_use",
        "registrar_unknown",
        "registration_signature",
        "registration_withdrawn",
    }
)
"""Not by accident: somebody asks what they may not, or is not who they say."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A request that can be answered now."""

    kept: KeptRequest
    verified: VerifiedRequest
    view: View
    remarks: Mapping[int, Remark]
    """What the check says of things that would go along, by their number, when that is not all well."""


def done_page(
    request: PageRequest,
    services: HolderServices,
    visit: Visit,
    kept: KeptRequest,
    state: RequestState,
    *,
    address: str | None = None,
    site: str = "",
    again: bool = False,
) -> Response[Any]:
    """No redirect: browsers hold those after a form against the policy of the page with the form. To another site people go by choice."""
    return holder_page(
        request,
        services,
        "holder/share-done.html",
        visit,
        status_code=409 if again and request.method == "POST" else 200,
        headers={"Refresh": f"0; url={address}"} if address and not site else None,
        receiver=kept.item.receiver,
        key=kept.key,
        state=state,
        address=address,
        site=site,
        again=again,
    )


def ended_page(request: PageRequest, services: HolderServices, visit: Visit, kept: KeptRequest) -> Response[Any]:
    """It was answered before, perhaps in another tab."""
    if kept.item.state in ("withdrawn", "erased"):
        return see_other(f"{services.path}/gedeeld/{kept.key}")
    state: RequestState = "unsure" if kept.item.state == "sending" else kept.item.state
    return done_page(request, services, visit, kept, state, again=True)


def question_page(
    request: PageRequest,
    services: HolderServices,
    sharing: SharingServices,
    visit: Visit,
    opened: Opened,
    *,
    complaint: str = "",
    picked: Mapping[int, int] | None = None,
) -> Response[Any]:
    """What is asked and what is here for it; or, with a complaint, why the answer did not count. `picked`: which of several goes."""
    language = language_of(request)
    hold_in_hand(opened.kept.key, opened.kept.item, visit, services)
    now, registration = sharing.now(), opened.verified.registration
    reasons = reasons_of(registration, sharing.catalogue)
    sets = shown_sets(opened.view, reasons, sharing.sources(now), today_of(sharing), language)
    return holder_page(
        request,
        services,
        "holder/share.html",
        visit,
        status_code=409 if complaint else 200,
        switch_path=f"{services.path}/delen/{opened.kept.key}",
        key=opened.kept.key,
        asker=shown_asker(registration, reasons, language),
        papers=shown_papers(visit.vault) if reasons.package is not None else (),
        papers_wanted=[each.title.in_language(language) for each in reasons.package.own_papers] if reasons.package is not None else [],
        required=[each for each in sets if each.required],
        optional=[each for each in sets if not each.required],
        mdocs=" ".join(sorted({dataset for each in sets for dataset in each.mdocs})),
        remarks=opened.remarks,
        before=_had_before(opened, reasons, visit, now),
        picked=picked or {},
        can_answer=not opened.view.missing,
        fingerprint=opened.view.fingerprint,
        today=today_of(sharing).isoformat(),
        follows=followed_titles(opened.view, opened.verified.updates, reasons, language),
        follows_until=retention_end(opened.verified.updates.longest, now) if opened.verified.updates is not None else None,
        ends=shorter_ends(registration, now),
        last_end=chosen_end("", registration, now),
        expires_at=opened.verified.expires_at,
        complaint=sentence(f"sharing.complaint.{complaint}", language) if complaint else "",
    )


def today_of(sharing: SharingServices) -> date:
    """The day in the Netherlands."""
    return sharing.now().astimezone(AMSTERDAM).date()


def _had_before(opened: Opened, reasons: Reasons, visit: Visit, now: datetime) -> dict[int, str]:
    """By the number of what need not be given, which receivers of this life event have the same data set now."""
    if reasons.package is None:
        return {}
    known = had_before(answered_requests(visit.vault), reasons.package.event, now)
    found: dict[int, str] = {}
    for matched, offered in zip(opened.view.sets, opened.view.offered, strict=True):
        names = dict.fromkeys(name for one in offered for name in known.get(one.chosen.holding.dataset.id, ()))
        if names and not matched.required:
            found[matched.number] = ", ".join(names)
    return found


def refused_page(
    request: PageRequest,
    services: HolderServices,
    visit: Visit | None,
    code: str,
    *,
    item: RequestItem | None = None,
    status_code: int = 403,
) -> Response[Any]:
    """What it means, and what to do; the receiver hears nothing."""
    language = language_of(request)
    own = f"sharing.problem.{code}"
    words = sentence(own if own in all_texts() else f"receiver.problem.{code}", language)
    remedy = f"sharing.remedy.{code}"
    return holder_page(
        request,
        services,
        "holder/share-refused.html",
        visit,
        status_code=status_code,
        switch_path=f"{services.path}/openen" if visit is None else f"{services.path}/gegevens",
        words=words,
        remedy=sentence(remedy if remedy in all_texts() else "sharing.remedy", language),
        item=item if code in _BEGIN_AGAIN else None,
        is_grave=code in _GRAVE,
    )
