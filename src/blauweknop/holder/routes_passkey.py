"""Make an account, open it, or add a way to open it, with a passkey. Our script asks for the question, and sends the answer as a form."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, post
from litestar.concurrency import sync_to_thread
from litestar.handlers import HTTPRouteHandler

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.accounts import Opened, OpeningProblem, add_way, counted, make_account, open_account, ways_of
from blauweknop.holder.later import busy, problem_answer
from blauweknop.holder.page import holder_page
from blauweknop.holder.passkeys import (
    PURPOSES,
    PasskeyAnswer,
    Purpose,
    Question,
    creation_options,
    read_answer,
    read_known,
    read_question,
    use_options,
    write_known,
    write_question,
)
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.routes_access import enter_freshly
from blauweknop.holder.routes_open import opening_answer
from blauweknop.holder.state import UnlockLabel
from blauweknop.holder.unlocking import credential_tag, passkey_opener
from blauweknop.holder.visit import PageRequest, Services, Visit, begin_visit, form_of
from blauweknop.web.cookies import forget_cookie, give_cookie
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other
from blauweknop.web.rate_limit import MemoryCounter, client_address, rate_limit

__all__ = ["passkey_routes"]

_CHALLENGE_BYTES = 32
_LONGEST_LABEL = 60


def passkey_routes(services: HolderServices) -> Sequence[HTTPRouteHandler]:
    """So many questions a minute, and so many accounts an hour, from one address."""
    asking = rate_limit("passkey", limit=services.attempts, window=60, counter=MemoryCounter())
    making = rate_limit("new passkey account", limit=services.new_accounts, window=3600, counter=MemoryCounter())
    return [
        post("/passkey/vraag", guards=[asking], status_code=200)(_ask),
        post("/nieuw/passkey", guards=[making])(_make),
        post("/openen/passkey")(_open),
        post("/toegang/passkey")(_add),
    ]


async def _ask(request: PageRequest, services: Services) -> Response[Any]:
    """What our script hands to the browser, as JSON."""
    return await sync_to_thread(_question, request, services, await form_of(request))


async def _make(request: PageRequest, services: Services) -> Response[Any]:
    return await sync_to_thread(_make_account, request, services, await form_of(request))


async def _open(request: PageRequest, services: Services) -> Response[Any]:
    return await sync_to_thread(_open_account, request, services, await form_of(request))


async def _add(request: PageRequest, services: Services) -> Response[Any]:
    return await sync_to_thread(_add_passkey, request, services, await form_of(request))


def _question(request: PageRequest, services: HolderServices, form: Mapping[str, str]) -> Response[Any]:
    purpose = next((one for one in PURPOSES if one == form.get("purpose")), None)
    if purpose is None:
        return Response({"problem": "failed"}, status_code=400)
    session, known = b"", tuple[bytes, ...]()
    if purpose == "add":
        visit = enter_freshly(request, services)
        if isinstance(visit, Response):
            return Response({"problem": "again"}, status_code=401)
        session = visit.session.id_hash
        ways = ways_of(visit.session.account, visit.session.data_key, services)
        known = tuple(way.label.credential_id for way in ways if way.kind == "passkey")
    challenge = services.random(_CHALLENGE_BYTES)
    reference = services.steps.begin(write_question(Question(purpose, challenge, session)), now=services.now())
    if reference is None:
        return Response({"problem": "failed"}, status_code=503)
    answer = Response(_options(purpose, challenge, known, services, language_of(request)))
    give_cookie(answer, services.step_cookie, reference)
    return answer


def _options(
    purpose: Purpose, challenge: bytes, known: Sequence[bytes], services: HolderServices, language: str
) -> Mapping[str, JsonValue]:
    if purpose == "open":
        return use_options(challenge, relying_party=services.relying_party)
    name, handle = sentence("holder.name", language), services.random(_CHALLENGE_BYTES)
    return creation_options(challenge, relying_party=services.relying_party, name=name, user_handle=handle, known=known)


def _answered(
    request: PageRequest, services: HolderServices, form: Mapping[str, str], purpose: Purpose
) -> tuple[Question, PasskeyAnswer] | None:
    """The question of this browser, which is then used up, and its answer; None when they do not belong together."""
    content = services.steps.take(request.cookies.get(services.step_cookie.name), now=services.now())
    try:
        answer = read_answer(form)
    except MalformedValue:
        return None
    question = read_question(content) if content is not None else None
    return (question, answer) if question is not None and question.purpose == purpose else None


def _make_account(request: PageRequest, services: HolderServices, form: Mapping[str, str]) -> Response[Any]:
    answered = _answered(request, services, form, "new")
    known = services.passkeys.made(answered[1], answered[0].challenge) if answered else None
    if answered is None or known is None:
        return _failed(request, services, None)
    answer = answered[1]
    opener = passkey_opener(answer.credential_id, answer.secret)
    name = sentence("holder.way.passkey", language_of(request))
    opened = make_account(opener, name, services, public=write_known(known), credential_id=answer.credential_id)
    if opened is None:
        return _failed(request, services, None)
    return _without_step(begin_visit(request, services, opened, f"{services.path}/herstelcode") or busy(request, services), services)


def _open_account(request: PageRequest, services: HolderServices, form: Mapping[str, str]) -> Response[Any]:
    answered = _answered(request, services, form, "open")

    def attempt() -> Opened | OpeningProblem:
        opened = _opened_by(answered, services) if answered else None
        return opened or OpeningProblem("unknown")

    opened = counted(attempt, client_address(request), services)
    if isinstance(opened, OpeningProblem):
        return problem_answer(request, services, opened) or _failed(request, services, None)
    return _without_step(opening_answer(request, services, opened, form.get("place", "")), services)


def _opened_by(answered: tuple[Question, PasskeyAnswer], services: HolderServices) -> Opened | None:
    """Unknown passkey, wrong signature, wrong origin, used before: all the same."""
    question, answer = answered
    row = services.accounts.find(credential_tag(answer.credential_id))
    if row is None or row.kind != "passkey":
        return None
    used = services.passkeys.used(answer, question.challenge, read_known(row.public))
    if used is None or not services.accounts.count_use(row, write_known(used)):
        return None
    return open_account(passkey_opener(answer.credential_id, answer.secret), services)


def _add_passkey(request: PageRequest, services: HolderServices, form: Mapping[str, str]) -> Response[Any]:
    visit = enter_freshly(request, services)
    if isinstance(visit, Response):
        return visit
    answered = _answered(request, services, form, "add")
    if answered is None or answered[0].session != visit.session.id_hash:
        return _failed(request, services, visit)
    question, answer = answered
    known = services.passkeys.made(answer, question.challenge)
    if known is None:
        return _failed(request, services, visit)
    name = " ".join(form.get("label", "").split())[:_LONGEST_LABEL] or sentence("holder.way.passkey", language_of(request))
    label = UnlockLabel(name, services.now(), answer.credential_id)
    opener = passkey_opener(answer.credential_id, answer.secret)
    if not add_way(opener, label, visit.opened, services, public=write_known(known)):
        return _failed(request, services, visit)
    return _without_step(see_other(f"{services.path}/toegang"), services)


def _without_step(answer: Response[Any], services: HolderServices) -> Response[Any]:
    forget_cookie(answer, services.step_cookie)
    return answer


def _failed(request: PageRequest, services: HolderServices, visit: Visit | None) -> Response[str]:
    """It was not proved, whatever the reason."""
    return holder_page(request, services, "holder/passkey-failed.html", visit, status_code=403)
