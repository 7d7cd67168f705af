"""A server that acts for a person fetches the document itself, with the same consent and once (ADR 0028)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from httpx import Response

from blauweknop.document.certified import SealedDigest
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import NoData, Outcome, Refused, Selection, Unavailable
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.representation import Capacity, Representative
from blauweknop.domain.texts import Text
from blauweknop.issuer.login import Mandate, Session
from blauweknop.issuer.wallet.consent import agree, refuse
from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.issuer.wallet.pushing import begin_visit, visit_of
from blauweknop.standards.undisclosed import take_inventory
from tests.unit.issuer.source_world import DEBT, GRANT, found
from tests.unit.issuer.test_download import data_in
from tests.unit.issuer.wallet.wallet_flows import OTHER, PLAIN, VERIFIER, back_from, code_form, details, refusal, server
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey, TestWallet

PAPER, OTHER_PAPER = f"{DEBT.id}.document", f"{GRANT.id}.document"
SLOW = Unavailable("timeout")


def with_token(
    wallets: WalletWorld,
    scope: str | None = f"{PAPER} {PLAIN}",
    *,
    outcomes: dict[str, Outcome] | None = None,
    session: Session | None = None,
    **changes: Any,
) -> TestWallet:
    """A server with a token for what a person agreed to: the debt, unless `outcomes` says what the systems answered of which data sets."""
    services, wallet, key = server(wallets)
    pushed = wallet.push(scope, verifier=VERIFIER, **wallet.assertion(key), **changes)
    known: dict[str, Outcome] = {DEBT.id: found(DEBT)} if outcomes is None else outcomes
    back = _agreed(wallets, services, pushed, wallet, known, session or wallets.session())
    answer = wallet.take_token(code_form(wallet, back, **wallet.assertion(key)), headers={})
    assert answer.status_code == 200, answer.text
    return wallet


def _agreed(
    wallets: WalletWorld, services: WalletServices, pushed: Response, wallet: TestWallet, outcomes: dict[str, Outcome], session: Session
) -> str:
    assert pushed.status_code == 201, pushed.text
    now = wallets.world.now
    visit = begin_visit(pushed.json()["request_uri"], wallet.client_id, services, now)
    assert visit is not None
    request = visit_of(visit, services, now)
    assert request is not None
    back = agree(visit, request, session, outcomes, services, now, ticked=list(outcomes))
    assert back is not None
    return back.partition("code=")[2].partition("&")[0]


def fetched(wallet: TestWallet, name: str = PAPER, **changes: Any) -> Response:
    return wallet.ask({"document": name}, "document", **changes)


def back_with(
    wallets: WalletWorld, outcomes: dict[str, Outcome], *ticked: Dataset, scope: str = f"{PAPER} {OTHER_PAPER}"
) -> dict[str, str]:
    services, wallet, key = server(wallets)
    pushed = wallet.push(scope, verifier=VERIFIER, **wallet.assertion(key))
    return back_from(wallets, services, pushed, *ticked, client_id=wallet.client_id, outcomes=outcomes)


def test_a_server_gets_the_sealed_document(wallets: WalletWorld) -> None:
    answer = fetched(with_token(wallets))

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b"%PDF-")


def test_the_document_is_recorded_as_any_that_was_made(wallets: WalletWorld) -> None:
    fetched(with_token(wallets))

    (record,) = wallets.world.records.issued
    assert (record["dataset_id"], record["with_bsn"], record["person"]) == (DEBT.id, False, wallets.session().person.bsn)


def test_document_and_credential_come_with_one_token(wallets: WalletWorld) -> None:
    wallet = with_token(wallets)

    assert [fetched(wallet).status_code, wallet.fetch(PLAIN, [SoftwareKey()]).status_code] == [200, 200]


def test_documents_can_be_asked_with_details(wallets: WalletWorld) -> None:
    assert fetched(with_token(wallets, None, authorization_details=details(PAPER, PLAIN))).status_code == 200


def test_the_number_is_in_it_when_the_person_chose_so(wallets: WalletWorld) -> None:
    chose = replace(wallets.session(), selections=(Selection(DEBT.id, frozenset(), with_bsn=True),))
    wallet = with_token(wallets, outcomes={DEBT.id: SLOW}, session=chose)

    assert fetched(wallet).status_code == 200
    assert [record["with_bsn"] for record in wallets.world.records.issued] == [True]


@pytest.mark.parametrize(("asked", "language"), [("nl", b"/Lang (nl"), ("en, nl;q=0.5", b"/Lang (en"), ("", b"/Lang (nl")])
def test_the_document_speaks_the_language_that_is_asked(wallets: WalletWorld, asked: str, language: bytes) -> None:
    wallet = with_token(wallets)
    wallet.client.headers["Accept-Language"] = asked

    assert language in fetched(wallet).content.replace(b"/Lang(", b"/Lang (")


def test_a_document_is_delivered_once(wallets: WalletWorld) -> None:
    wallet = with_token(wallets)
    fetched(wallet)

    assert refusal(fetched(wallet)) == (400, "credential_request_denied")


def test_a_document_that_was_not_agreed_to_is_refused(wallets: WalletWorld) -> None:
    wallet = with_token(wallets, f"{PAPER} {OTHER_PAPER}")
    assert refusal(fetched(wallet, OTHER_PAPER)) == (400, "invalid_credential_request")


def test_a_document_that_was_not_asked_for_is_refused(wallets: WalletWorld) -> None:
    assert refusal(fetched(with_token(wallets, PLAIN))) == (400, "invalid_credential_request")


@pytest.mark.parametrize("name", [PLAIN, "duo.onbekend.document", ".document", "document", ""])
def test_a_name_of_no_document_is_refused(wallets: WalletWorld, name: str) -> None:
    assert refusal(fetched(with_token(wallets), name)) == (400, "invalid_credential_request")


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'"x"', b'{"document": 1}', b"{}", b'{"document": "a", "document": "b"}', b"[" * 600, b" " * 2000]
)
def test_what_is_no_request_is_refused(wallets: WalletWorld, content: bytes) -> None:
    assert refusal(fetched(with_token(wallets), content=content)) == (400, "invalid_credential_request")


@pytest.mark.parametrize("kind", ["text/plain", "application/jwt", "application/x-www-form-urlencoded", ""])
def test_another_type_of_request_is_refused(wallets: WalletWorld, kind: str) -> None:
    assert refusal(fetched(with_token(wallets), content_type=kind)) == (400, "invalid_credential_request")


def test_a_configuration_is_not_fetched_by_the_name_of_its_document(wallets: WalletWorld) -> None:
    assert refusal(with_token(wallets).fetch(PAPER, [SoftwareKey()])) == (400, "unknown_credential_configuration")


def test_without_a_token_nothing_is_given(wallets: WalletWorld) -> None:
    assert refusal(fetched(with_token(wallets), without=("Authorization",))) == (401, "invalid_token")


def test_a_token_of_another_key_is_refused(wallets: WalletWorld) -> None:
    wallet = with_token(wallets)
    stolen = wallet.dpop("document", token=wallet.token, key=SoftwareKey())
    assert refusal(fetched(wallet, dpop=stolen)) == (401, "invalid_dpop_proof")


def test_a_proof_for_the_credential_endpoint_is_refused(wallets: WalletWorld) -> None:
    wallet = with_token(wallets)
    assert refusal(fetched(wallet, dpop=wallet.dpop("credential", token=wallet.token))) == (401, "invalid_dpop_proof")


def test_a_token_ends(wallets: WalletWorld) -> None:
    wallet = with_token(wallets)
    wallets.world.later(minutes=6)
    assert refusal(fetched(wallet)) == (401, "invalid_token")


def test_a_document_is_no_scope_for_a_wallet(wallets: WalletWorld) -> None:
    assert refusal(wallets.wallet(wallets.services()).push(PAPER, verifier=VERIFIER)) == (400, "invalid_scope")


def test_a_wallet_cannot_ask_for_a_document_with_details(wallets: WalletWorld) -> None:
    pushed = wallets.wallet(wallets.services()).push(None, verifier=VERIFIER, authorization_details=details(PAPER))
    assert refusal(pushed) == (400, "invalid_authorization_details")


def test_a_wallet_that_asks_for_a_document_beside_a_credential_gets_the_credential_alone(wallets: WalletWorld) -> None:
    services = wallets.services()
    wallet = wallets.wallet(services)
    code = back_from(wallets, services, wallet.push(f"{PAPER} {PLAIN}", verifier=VERIFIER), DEBT)["code"]
    wallet.take_token(code_form(wallet, code))

    assert refusal(fetched(wallet)) == (400, "invalid_credential_request")
    assert wallet.fetch(PLAIN, [SoftwareKey()]).status_code == 200


def test_documents_stand_in_no_metadata(wallets: WalletWorld) -> None:
    _, wallet, _ = server(wallets)
    metadata = wallet.client.get("/.well-known/openid-credential-issuer/duo").text
    assert PLAIN in metadata
    assert PAPER not in metadata


def test_what_is_slow_is_asked_again_with_the_same_token_for_a_week(wallets: WalletWorld) -> None:
    wallets.world.answers[DEBT.id] = SLOW
    wallet = with_token(wallets, outcomes={DEBT.id: SLOW})
    waiting = fetched(wallet)
    wallets.world.later(days=6)
    wallets.world.answers[DEBT.id] = found(DEBT)
    wallet.fetch_nonce()

    assert (waiting.status_code, waiting.json()) == (202, {"interval": 60})
    assert fetched(wallet).content.startswith(b"%PDF-")


def test_nothing_is_settled_while_it_waits(wallets: WalletWorld) -> None:
    wallets.world.answers[DEBT.id] = SLOW
    wallet = with_token(wallets, outcomes={DEBT.id: SLOW})

    assert [fetched(wallet).status_code for _ in range(3)] == [202, 202, 202]
    assert wallets.world.records.issued == []


@pytest.mark.parametrize(
    "outcome", [NoData(), Refused("deceased", Text("nee", "no")), Unavailable("configuration", retry_worthwhile=False)]
)
def test_when_the_source_gives_nothing_after_all_the_document_is_denied_and_forgotten(wallets: WalletWorld, outcome: Outcome) -> None:
    wallets.world.answers[DEBT.id] = outcome
    wallet = with_token(wallets, outcomes={DEBT.id: SLOW})
    first = refusal(fetched(wallet))
    wallets.world.answers[DEBT.id] = found(DEBT)

    assert [first, refusal(fetched(wallet))] == [(400, "credential_request_denied")] * 2


def test_a_fault_of_the_source_is_no_end(wallets: WalletWorld) -> None:
    wallets.world.answers[DEBT.id] = RuntimeError("x")
    wallet = with_token(wallets, outcomes={DEBT.id: SLOW})
    assert fetched(wallet).status_code == 202


def test_a_document_that_could_not_be_sealed_can_be_asked_again(wallets: WalletWorld) -> None:
    def broken(_: bytes) -> SealedDigest:
        raise BlauweKnopError("no seal today")

    whole = wallets.world.certifier
    wallets.world.certifier = replace(whole, seal=broken)
    wallet = with_token(wallets)
    answer = fetched(wallet)
    services, _, _ = server(wallets)
    wallet.client = wallets.client(replace(services, issuer=replace(services.issuer, certifier=whole)))

    assert (answer.status_code, answer.json()["error"]) == (500, "server_error")
    assert fetched(wallet).status_code == 200


def test_a_server_is_told_of_what_the_source_has_nothing(wallets: WalletWorld) -> None:
    back = back_with(wallets, {DEBT.id: found(DEBT), GRANT.id: NoData()}, DEBT)
    assert ("code" in back, back["nothing"]) == (True, GRANT.id)


def test_a_server_is_told_so_when_the_source_has_nothing_at_all(wallets: WalletWorld) -> None:
    services, wallet, key = server(wallets)
    pushed = wallet.push(f"{PAPER} {OTHER_PAPER}", verifier=VERIFIER, **wallet.assertion(key))
    visit = begin_visit(pushed.json()["request_uri"], wallet.client_id, services, wallets.world.now)
    assert visit is not None
    request = visit_of(visit, services, wallets.world.now)
    assert request is not None
    back = refuse(visit, request, services, wallets.world.now, {DEBT.id: NoData(), GRANT.id: NoData()})

    assert back is not None
    assert f"error=access_denied&nothing={DEBT.id}+{GRANT.id}&" in back


def test_what_a_person_does_not_give_is_not_told(wallets: WalletWorld) -> None:
    back = back_with(wallets, {DEBT.id: found(DEBT), GRANT.id: found(GRANT)}, DEBT)
    assert "nothing" not in back


def test_a_wallet_is_not_told_what_the_source_does_not_have(wallets: WalletWorld) -> None:
    services = wallets.services()
    pushed = wallets.wallet(services).push(f"{PLAIN} {OTHER}", verifier=VERIFIER)
    back = back_from(wallets, services, pushed, DEBT, outcomes={DEBT.id: found(DEBT), GRANT.id: NoData()})
    assert "nothing" not in back


def test_what_somebody_fetches_for_another_names_both_in_document_and_credential(wallets: WalletWorld) -> None:
    wallet = with_token(wallets, session=acting(wallets))
    pdf, credentials = fetched(wallet).content, wallet.fetch(PLAIN, [SoftwareKey()]).json()["credentials"]

    told = {"name": "Laakhof", "capacity": "bewindvoerder"}
    assert data_in(pdf)["representative"] == told
    assert take_inventory(credentials[0]["credential"]).claims["representative"] == told
    assert [record["acting"] for record in wallets.world.records.issued] == ["pairwise-7"] * 2


def test_who_acts_for_another_gets_no_right_to_more_copies(wallets: WalletWorld) -> None:
    services, wallet, key = server(wallets)
    answers = []
    for session in (wallets.session(), acting(wallets)):
        pushed = wallet.push(PLAIN, verifier=VERIFIER, **wallet.assertion(key))
        back = _agreed(wallets, services, pushed, wallet, {DEBT.id: found(DEBT)}, session)
        answers.append(wallet.take_token(code_form(wallet, back, **wallet.assertion(key)), headers={}).json())

    assert ["refresh_token" in answer for answer in answers] == [True, False]


def test_what_a_mandate_does_not_cover_is_not_given(wallets: WalletWorld) -> None:
    services, wallet, key = server(wallets)
    pushed = wallet.push(f"{PAPER} {OTHER_PAPER}", verifier=VERIFIER, **wallet.assertion(key))
    session = acting(wallets, frozenset({GRANT.id}))
    back = _agreed(wallets, services, pushed, wallet, {DEBT.id: found(DEBT), GRANT.id: found(GRANT)}, session)
    wallet.take_token(code_form(wallet, back, **wallet.assertion(key)), headers={})

    assert [fetched(wallet, name).status_code for name in (PAPER, OTHER_PAPER)] == [400, 200]


@pytest.mark.parametrize(("days", "status"), [(0, 200), (1, 400)])
def test_what_comes_after_the_last_day_of_the_mandate_is_not_given(wallets: WalletWorld, days: int, status: int) -> None:
    wallet = with_token(wallets, outcomes={DEBT.id: SLOW}, session=acting(wallets, until=wallets.world.now.date()))
    wallets.world.later(days=days)
    wallet.fetch_nonce()

    assert fetched(wallet).status_code == status
    assert wallet.fetch(PLAIN, [SoftwareKey()]).status_code == status


def acting(wallets: WalletWorld, datasets: frozenset[str] | None = None, until: date | None = None) -> Session:
    session = wallets.session()
    mandate = Mandate(Representative("Laakhof", Capacity.ADMINISTRATOR, until), "pairwise-7", datasets)
    return replace(session, person=replace(session.person, mandate=mandate))


def test_there_is_no_mdoc_for_who_acts_for_another(wallets: WalletWorld) -> None:
    wallet = with_token(wallets, f"{PLAIN} {DEBT.id}.mdoc", session=acting(wallets))

    assert refusal(wallet.fetch(f"{DEBT.id}.mdoc", [SoftwareKey()])) == (400, "unknown_credential_configuration")
    assert wallet.fetch(PLAIN, [SoftwareKey()]).status_code == 200
