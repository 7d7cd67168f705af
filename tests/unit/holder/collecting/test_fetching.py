"""What a person agreed to is fetched, part by part; whatever one part comes to, the others go on."""

from dataclasses import replace
from datetime import datetime

import pytest

from blauweknop.domain.document import JsonValue, NoData, Outcome, Unavailable
from blauweknop.domain.verdict import Verdict, Verified
from blauweknop.holder.account_log import Happening, read_log
from blauweknop.holder.collecting.connection import BUSY_FOR, can_go_on, try_again, work_on
from blauweknop.holder.collecting.connection_secrets import ConnectionSecrets
from blauweknop.holder.collecting.ports import Answer, SourceProblem
from blauweknop.holder.keeping import recheck
from blauweknop.standards.strict_json import canonical_json
from tests.unit.holder.collecting.collecting_world import CollectingWorld, judged, orange, red
from tests.unit.issuer.source_world import DEBT, GRANT, found

PAPER, PLAIN = f"{DEBT.id}.document", f"{DEBT.id}.sd-jwt"
MOBILE = f"{DEBT.id}.mdoc"
OTHER_PAPER, OTHER = f"{GRANT.id}.document", f"{GRANT.id}.sd-jwt"
FETCHED, WAITING, SILENT = ("fetched", ""), ("waiting", ""), SourceProblem("silent", "nothing")
SLOW: dict[str, Outcome] = {DEBT.id: Unavailable("timeout")}


def test_documents_and_credentials_are_fetched_and_kept(here: CollectingWorld) -> None:
    stands = here.work(here.come_back(DEBT, GRANT))

    assert set(stands.values()) == {FETCHED}
    assert sorted(item.dataset for item in here.documents) == sorted([DEBT.id, GRANT.id])
    assert [(item.dataset, item.unused) for item in here.credentials] == [(DEBT.id, 2), (GRANT.id, 2)]


def test_an_mdoc_is_fetched_of_what_somebody_asked_one_of_and_of_nothing_else(here: CollectingWorld) -> None:
    stands = here.work(here.come_back(DEBT, GRANT, mobile=[DEBT.id, "x.unknown"]))

    assert stands == {PAPER: FETCHED, PLAIN: FETCHED, MOBILE: FETCHED, OTHER_PAPER: FETCHED, OTHER: FETCHED}
    kept = [(item.dataset, item.format, item.unused) for item in here.credentials]
    assert sorted(kept) == sorted([(DEBT.id, "dc+sd-jwt", 2), (DEBT.id, "mso_mdoc", 2), (GRANT.id, "dc+sd-jwt", 2)])


def test_new_mdocs_take_the_place_of_mdocs_and_of_nothing_else(here: CollectingWorld) -> None:
    for mobile in ([DEBT.id], [DEBT.id], []):
        here.work(here.come_back(DEBT, mobile=mobile))
    assert sorted(item.format for item in here.credentials) == ["dc+sd-jwt", "mso_mdoc"]


def test_the_log_names_each_document_that_was_fetched(here: CollectingWorld) -> None:
    here.work(here.come_back(DEBT))
    lines = [(line.happening, line.about) for line in read_log(here.vault)]
    assert lines == [(Happening.FETCHED, f"{DEBT.title.nl}, {here.source.name}")]


def test_when_all_is_there_only_what_new_copies_can_be_had_with_stays(here: CollectingWorld) -> None:
    connection = here.come_back(DEBT)
    before = ConnectionSecrets.from_bytes(here.secrets(connection))
    here.work(connection)
    after = ConnectionSecrets.from_bytes(here.secrets(connection))

    assert (bool(before.bearer.token), after.bearer.token, after.transactions) == (True, None, {})
    assert after.refresh == before.refresh


def test_when_there_are_no_copies_to_renew_no_token_and_no_key_of_the_connection_stays(here: CollectingWorld) -> None:
    connection = here.come_back(DEBT)
    here.wire.instead["/credential"] = Answer(200, {}, b"{}")
    here.work(connection)
    assert here.secrets(connection) == b""


def test_each_copy_is_another_and_each_is_checked(here: CollectingWorld) -> None:
    asked: list[bytes] = []

    def check(data: bytes, at: datetime) -> Verdict:
        asked.append(data)
        return judged(data, at)

    here.check = check
    here.work(here.come_back(DEBT))
    assert len({data for data in asked if not data.startswith(b"%PDF")}) == 2


def test_what_a_person_did_not_give_is_said_so(here: CollectingWorld) -> None:
    stands = here.work(here.come_back(DEBT))
    assert (stands[PAPER], stands[OTHER_PAPER], stands[OTHER]) == (FETCHED, ("not_given", ""), ("not_given", ""))


def test_what_the_source_does_not_have_is_said_so(here: CollectingWorld) -> None:
    stands = here.work(here.come_back(DEBT, outcomes={DEBT.id: found(DEBT), GRANT.id: NoData()}))
    assert (stands[PAPER], stands[OTHER_PAPER]) == (FETCHED, ("nothing", ""))


def test_who_says_no_has_a_connection_that_says_so(here: CollectingWorld) -> None:
    assert set(here.work(here.come_back(outcomes={})).values()) == {("not_given", "access_denied")}
    assert here.documents == []


def test_what_is_slow_waits_and_comes_when_the_person_is_there_again(here: CollectingWorld) -> None:
    here.issuer.world.answers[DEBT.id] = SLOW[DEBT.id]
    connection = here.come_back(DEBT, outcomes=SLOW)
    first = here.work(connection)
    here.issuer.world.later(days=2)
    here.issuer.world.answers[DEBT.id] = found(DEBT)
    second = here.work(connection)

    assert (first[PAPER], first[PLAIN]) == (WAITING, WAITING)
    assert (second[PAPER], second[PLAIN], here.secrets(connection)) == (FETCHED, FETCHED, b"")


def test_what_is_still_slow_goes_on_waiting(here: CollectingWorld) -> None:
    here.issuer.world.answers[DEBT.id] = SLOW[DEBT.id]
    connection = here.come_back(DEBT, outcomes=SLOW)
    here.work(connection)
    assert here.work(connection)[PLAIN] == WAITING


def test_what_waited_for_more_than_a_week_is_over(here: CollectingWorld) -> None:
    here.issuer.world.answers[DEBT.id] = SLOW[DEBT.id]
    connection = here.come_back(DEBT, outcomes=SLOW)
    here.work(connection)
    here.issuer.world.later(days=8)
    stands = here.work(connection)
    assert (stands[PAPER], stands[PLAIN]) == (("failed", "over"), ("failed", "over"))


def test_one_part_that_fails_takes_no_other_with_it(here: CollectingWorld) -> None:
    here.wire.instead["/credential"] = Answer(200, {}, b"{}")
    stands = here.work(here.come_back(DEBT))
    assert (stands[PAPER], stands[PLAIN]) == (FETCHED, ("failed", "answer"))


def test_when_the_source_is_silent_the_rest_is_not_tried_and_can_be_tried_again(here: CollectingWorld) -> None:
    connection = here.come_back(DEBT)
    here.wire.instead["/document"] = SILENT
    silent = here.work(connection)
    last = here.wire.sent[-1]
    here.wire.instead.clear()

    assert (silent[PAPER], silent[PLAIN], last) == (("failed", "silent"), ("failed", "silent"), "document")
    assert try_again(connection, here.vault, here.now)
    assert here.work(connection)[PAPER] == FETCHED


def test_what_waits_goes_on_waiting_when_the_source_is_silent(here: CollectingWorld) -> None:
    here.issuer.world.answers[DEBT.id] = SLOW[DEBT.id]
    connection = here.come_back(DEBT, outcomes=SLOW)
    here.work(connection)
    here.wire.instead["/document"] = SILENT
    assert here.work(connection)[PAPER] == ("waiting", "silent")


def test_nothing_is_tried_again_after_the_token_ended(here: CollectingWorld) -> None:
    connection = here.come_back(DEBT)
    here.wire.instead["/document"] = SILENT
    here.work(connection)
    here.issuer.world.later(minutes=6)
    assert not try_again(connection, here.vault, here.now)


def test_what_is_refused_for_good_is_not_tried_again(here: CollectingWorld) -> None:
    here.check = lambda *_: red("seal_broken")
    connection = here.come_back(DEBT)
    here.work(connection)
    assert not try_again(connection, here.vault, here.now)


def test_what_is_red_is_refused_with_its_reason(here: CollectingWorld) -> None:
    here.check = lambda *_: red("seal_broken")
    stands = here.work(here.come_back(DEBT))
    assert (stands[PAPER], stands[PLAIN]) == (("failed", "seal_broken"), ("failed", "credential_not_green"))
    assert (here.documents, here.credentials, here.unchecked) == ([], [], [])


def test_a_document_that_cannot_be_judged_now_waits_for_its_check(here: CollectingWorld) -> None:
    here.check = lambda *_: orange()
    stands = here.work(here.come_back(DEBT))
    waiting = len(here.unchecked)
    here.check = judged
    recheck(here.vault, here.services.check, here.now)

    assert (stands[PAPER], waiting, here.unchecked) == (("fetched", "unchecked"), 1, [])
    assert [item.dataset for item in here.documents] == [DEBT.id]


def test_a_document_takes_the_room_of_the_file_that_waited_for_its_check(here: CollectingWorld) -> None:
    here.check = lambda *_: orange()
    here.work(here.come_back(DEBT))
    here.rows.most = len(here.rows.rows)
    recheck(here.vault, judged, here.now)
    assert (here.unchecked, [item.dataset for item in here.documents]) == ([], [DEBT.id])


def test_what_waits_remembers_what_it_should_be_and_is_kept_as_nothing_else(here: CollectingWorld) -> None:
    here.check = lambda *_: orange()
    here.work(here.come_back(DEBT))
    assert [(item.dataset, item.source_name) for item in here.unchecked] == [(DEBT.id, "DUO")]

    def as_another(data: bytes, at: datetime) -> Verdict:
        verdict = judged(data, at)
        assert isinstance(verdict, Verified)
        return replace(verdict, facts=replace(verdict.facts, dataset=GRANT.id))

    recheck(here.vault, as_another, here.now)
    assert (here.unchecked, here.documents) == ([], [])


def test_what_an_earlier_version_left_waiting_without_its_data_set_is_still_read(here: CollectingWorld) -> None:
    head: dict[str, JsonValue] = {
        "form": 1,
        "kind": "unchecked",
        "source_oin": "x",
        "source_name": "DUO",
        "kept_at": "2026-11-30T12:00:00+00:00",
    }
    here.vault.add(canonical_json({**head, "origin": "fetched", "connection": ""}), b"%PDF-")
    assert [item.dataset for item in here.unchecked] == [""]


def test_a_document_that_turns_out_red_goes(here: CollectingWorld) -> None:
    here.check = lambda *_: orange()
    here.work(here.come_back(DEBT))
    recheck(here.vault, lambda *_: red("seal_broken"), here.now)
    assert (here.unchecked, here.documents) == ([], [])


def test_what_there_is_no_room_for_is_said_so_and_the_rest_goes_on(here: CollectingWorld) -> None:
    connection = here.come_back(DEBT)
    here.rows.most = len(here.rows.rows)
    assert here.work(connection)[PAPER] == ("failed", "full")
    assert here.secrets(connection) == b""


def test_what_another_source_certified_is_refused(here: CollectingWorld) -> None:
    here.source = replace(here.source, oin="00000099000000002000")
    stands = here.work(here.come_back(DEBT))
    assert (stands[PAPER], stands[PLAIN]) == (("failed", "other_issuer"), ("failed", "other_issuer"))


def test_what_was_kept_when_the_program_was_killed_is_found_again(here: CollectingWorld) -> None:
    connection = here.come_back(DEBT)
    before = here.rows.rows[connection]
    here.work(connection)
    here.rows.rows[connection] = before  # everything was kept but the last word on the connection

    assert here.work(connection)[PAPER] == FETCHED
    assert len(here.documents) == 1


def test_what_waits_for_its_check_when_the_program_was_killed_is_found_again(here: CollectingWorld) -> None:
    connection = here.come_back(DEBT)
    before = here.rows.rows[connection]
    here.check = lambda *_: orange()
    here.work(connection)
    here.rows.rows[connection] = before

    assert here.work(connection)[PAPER] == ("fetched", "unchecked")
    assert len(here.unchecked) == 1


@pytest.mark.parametrize("was_logged", [True, False])
def test_a_document_that_is_found_again_stands_in_the_log_once(here: CollectingWorld, was_logged: bool) -> None:
    connection = here.come_back(DEBT)
    before = here.rows.rows[connection]
    here.work(connection)
    here.rows.rows[connection] = before
    for head in list(here.vault.heads()):
        if b'"log"' in head.head and not was_logged:
            here.vault.remove(head.id)
    here.work(connection)
    assert [line.happening for line in read_log(here.vault)] == [Happening.FETCHED]


def test_what_was_delivered_and_lost_is_said_to_be_denied(here: CollectingWorld) -> None:
    connection = here.come_back(DEBT)
    before = dict(here.rows.rows)
    here.work(connection)
    here.rows.rows.clear()
    here.rows.rows.update(before)

    assert here.work(connection)[PAPER] == ("failed", "denied")


def test_a_second_who_works_on_it_at_the_same_moment_leaves_it(here: CollectingWorld) -> None:
    connection = here.come_back(DEBT)
    sent: list[int] = []

    def check(data: bytes, at: datetime) -> Verdict:
        before = len(here.wire.sent)
        work_on(connection, here.vault, here.services, language="nl")
        sent.append(len(here.wire.sent) - before)
        return judged(data, at)

    here.check = check
    assert here.work(connection)[PAPER] == FETCHED
    assert (set(sent), len(here.documents)) == ({0}, 1)


def test_who_was_killed_at_work_is_followed_up_after_a_minute(here: CollectingWorld) -> None:
    item = replace(here.connection(here.come_back(DEBT)), worked_at=here.now)
    assert (can_go_on(item, here.now), can_go_on(item, here.now + BUSY_FOR)) == (False, True)


def test_a_source_that_left_the_trust_list_gives_nothing_more(here: CollectingWorld) -> None:
    connection = here.come_back(DEBT)
    here.source = replace(here.source, id="anders")
    assert here.work(connection)[PAPER] == ("failed", "refused")


def test_a_newer_credential_takes_the_place_of_the_older(here: CollectingWorld) -> None:
    for _ in range(2):
        here.work(here.come_back(DEBT))
    assert len(here.credentials) == 1


def test_a_newer_document_takes_the_place_of_the_older_which_stays(here: CollectingWorld) -> None:
    here.work(here.come_back(DEBT))
    here.issuer.world.later(days=1)
    here.work(here.come_back(DEBT))
    assert sorted(item.standing for item in here.documents) == ["current", "replaced"]
