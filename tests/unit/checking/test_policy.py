from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.catalogue.texts import text
from blauweknop.checking.check_received import check_received
from blauweknop.checking.explaining import explain_steps
from blauweknop.checking.policy import DatasetRules, Policy, SealLevel, apply_policy
from blauweknop.checking.report import explain, report_json
from blauweknop.checking.trust import NO_TRUST
from blauweknop.document.archiving import ArchiveLevel
from blauweknop.domain.durations import Duration
from blauweknop.domain.verdict import CheckedKind, CheckResult, CheckStep, Colour, Rejected, Undecided, Verdict, VerdictFacts, Verified
from tests.unit.checking import archived_documents, reduced_documents
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x

DEBT = "duo.studieschuld"  # of 23 November 2026, as the documents of the exercise are
EVERYTHING = Policy()


def document() -> Verdict:
    return check_received(x.good_document(), trust=x.trust(), at=x.NOW, catalogue=x.catalogue())


def judged(policy: Policy, verdict: Verdict | None = None, at: datetime = x.NOW) -> str:
    found = apply_policy(verdict or document(), policy, at)
    return f"{found.colour} {found.facts.steps[-1].reason}"


def test_what_meets_a_policy_stays_green_with_its_data() -> None:
    demands = Policy(
        DatasetRules(Duration(3, 0), frozenset({x.DUO.oin.digits})),
        {},
        frozenset({DEBT}),
        frozenset({CheckedKind.DOCUMENT}),
        "B-T",
    )
    verdict = apply_policy(document(), demands, x.NOW)
    assert isinstance(verdict, Verified)
    assert verdict.content == x.content()
    assert verdict.facts.steps[-1].id == "policy"


def test_without_a_policy_there_is_no_step() -> None:
    assert apply_policy(document(), None, x.NOW) == document()
    assert "policy" not in {step.id for step in document().facts.steps}


def test_at_the_entrance_a_policy_counts_at_the_moment_of_the_check() -> None:
    policy = Policy(DatasetRules(Duration(0, 1)))
    at = [x.NOW, x.NOW + timedelta(days=2)]
    found = [check_received(x.good_document(), trust=x.trust(), at=moment, catalogue=x.catalogue(), policy=policy) for moment in at]
    assert [verdict.facts.steps[-1].reason for verdict in found] == ["ok", "policy_age"]


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        (Policy(kinds=frozenset({CheckedKind.CREDENTIAL})), "policy_kind"),
        (Policy(datasets=frozenset({"uwv.verzekeringsbericht"})), "policy_dataset"),
        (Policy(DatasetRules(issuers=frozenset({x.UWV.oin.digits}))), "policy_issuer"),
        (Policy(per_dataset={DEBT: DatasetRules(issuers=frozenset({x.UWV.oin.digits}))}), "policy_issuer"),
        (Policy(seal_level="B-LT"), "policy_level"),
        (Policy(seal_level="B-LTA"), "policy_level"),
    ],
)
def test_what_is_not_accepted_is_left_open_without_its_data(policy: Policy, reason: str) -> None:
    verdict = apply_policy(document(), policy, x.NOW)
    assert isinstance(verdict, Undecided)
    assert verdict.sub_indication == "POLICY_PROCESSING_ERROR"
    assert judged(policy) == f"orange {reason}"


@pytest.mark.parametrize(
    ("age", "days", "expected"),
    [
        (Duration(0, 30), 30, "green ok"),
        (Duration(0, 30), 31, "orange policy_age"),
        (Duration(1, 0), 30, "green ok"),
        (Duration(1, 0), 31, "orange policy_age"),
    ],
)
def test_data_are_accepted_until_the_last_day_of_their_age(age: Duration, days: int, expected: str) -> None:
    at = datetime.combine(date(2026, 11, 23) + timedelta(days=days), datetime.min.time(), x.NOW.tzinfo)
    assert judged(Policy(DatasetRules(age)), at=at) == expected


def test_a_day_ends_at_midnight_in_the_netherlands() -> None:
    policy = Policy(DatasetRules(Duration(0, 1)))
    assert judged(policy, at=datetime.fromisoformat("2026-11-24T23:59:59+01:00")) == "green ok"
    assert judged(policy, at=datetime.fromisoformat("2026-11-24T23:00:01+00:00")) == "orange policy_age"


def test_data_that_are_too_old_are_out_of_date_as_those_past_their_own_end_are() -> None:
    verdict = apply_policy(document(), Policy(DatasetRules(Duration(0, 1))), x.NOW + timedelta(days=9))
    assert isinstance(verdict, Undecided)
    assert verdict.sub_indication == "OUT_OF_BOUNDS_NOT_REVOKED"
    assert "verouderd" in explain(verdict, "nl").summary


def test_what_is_said_of_a_data_set_goes_before_what_is_said_in_general() -> None:
    general = DatasetRules(Duration(0, 1), frozenset({x.UWV.oin.digits}))
    own = DatasetRules(Duration(0, 30), frozenset({x.DUO.oin.digits}))
    at = x.NOW + timedelta(days=9)
    assert judged(Policy(general, {DEBT: own}), at=at) == "green ok"
    assert judged(Policy(general, {DEBT: replace(own, maximum_age=None)}), at=at) == "orange policy_age"
    assert judged(Policy(general, {DEBT: replace(own, issuers=None)}), at=at) == "orange policy_issuer"


def test_the_first_rule_that_is_broken_is_told() -> None:
    policy = Policy(DatasetRules(Duration(0, 1), frozenset()), datasets=frozenset(), seal_level="B-LTA")
    assert judged(policy, at=x.NOW + timedelta(days=9)) == "orange policy_dataset"


@pytest.mark.parametrize(("level", "wanted"), [("B-LT", "B-T"), ("B-LTA", "B-LT")])
def test_a_higher_level_holds_the_lower_ones(level: ArchiveLevel, wanted: SealLevel) -> None:
    at = archived_documents.NEXT_DAY + timedelta(hours=1)
    verdict = archived_documents.verdict(archived_documents.kept(level), at)
    assert judged(Policy(seal_level=wanted), verdict) == "green ok"
    assert judged(Policy(seal_level=level), verdict) == "green ok"


def test_what_has_no_seal_has_no_level() -> None:
    policy = Policy(seal_level="B-T")
    reduced = check_received(reduced_documents.good_reduced(), trust=x.trust(), at=x.NOW, catalogue=x.catalogue())
    assert judged(policy, reduced) == "orange policy_level"
    assert judged(policy, c.credential(c.of_document())) == "orange policy_level"


def test_a_presentation_that_does_not_tell_its_day_may_be_old() -> None:
    verdict = c.presentation(c.presented(c.keep(c.of_wallet(), {"given_name"})))
    assert judged(EVERYTHING, verdict) == "green ok"
    assert judged(Policy(DatasetRules(Duration(1, 0))), verdict) == "orange policy_age_unknown"


def test_a_false_document_is_not_held_against_a_policy() -> None:
    red = check_received(x.good_document() + b"\n", trust=x.trust(), at=x.NOW, catalogue=x.catalogue())
    verdict = apply_policy(red, Policy(datasets=frozenset()), x.NOW)
    assert isinstance(verdict, Rejected)
    assert verdict.facts.steps[-1].result is CheckResult.SKIPPED


def test_what_is_red_for_another_reason_is_not_held_against_a_policy_also_when_its_data_set_is_known() -> None:
    withdrawn = CheckStep("status", CheckResult.FAIL, "withdrawn")
    red = Rejected(replace(document().facts, steps=(withdrawn,)), "REVOKED")
    assert judged(Policy(datasets=frozenset()), red) == "red skipped"


def test_what_is_of_nobody_or_of_no_data_set_meets_no_policy() -> None:
    facts = document().facts
    for lacking in (replace(facts, dataset=None), replace(facts, issuer_oin=None)):
        assert judged(EVERYTHING, Undecided(lacking, "TRY_LATER")) == "orange skipped"


def test_what_is_not_known_is_not_held_against_a_policy_and_never_green() -> None:
    unknown = Undecided(VerdictFacts(()), "TRY_LATER")
    assert judged(EVERYTHING, unknown) == "orange skipped"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_step_is_told_and_explained(language: str) -> None:
    verdict = apply_policy(document(), Policy(datasets=frozenset()), x.NOW)
    assert explain_steps(verdict, language)[-1].found == text("reason.policy_dataset").in_language(language)
    assert report_json("a", verdict)["checks"][-1] == {"id": "policy", "result": "warn", "reason": "policy_dataset"}  # type: ignore[index] # a list
    assert explain_steps(apply_policy(document(), EVERYTHING, x.NOW), language)[-1].found == text("explain.policy.ok").in_language(language)


durations = st.none() | st.builds(Duration, st.integers(0, 20), st.integers(0, 400))
rules = st.builds(DatasetRules, durations, st.none() | st.frozensets(st.sampled_from([x.DUO.oin.digits, x.UWV.oin.digits])))
policies = st.builds(
    Policy,
    rules,
    st.dictionaries(st.sampled_from([DEBT, "uwv.verzekeringsbericht"]), rules),
    st.none() | st.frozensets(st.sampled_from([DEBT, "uwv.verzekeringsbericht"])),
    st.none() | st.frozensets(st.sampled_from(CheckedKind)),
    st.sampled_from([None, "B-T", "B-LT", "B-LTA"]),
)
DOCUMENT = document()
COLOURS = [
    DOCUMENT,
    check_received(x.good_document(), trust=NO_TRUST, at=x.NOW, catalogue=x.catalogue()),
    check_received(b"", trust=x.trust(), at=x.NOW, catalogue=x.catalogue()),
]


@given(policies, st.sampled_from(COLOURS), st.integers(-400, 4000))
def test_a_policy_never_makes_anything_better_and_never_condemns(policy: Policy, verdict: Verdict, days: int) -> None:
    order = [Colour.GREEN, Colour.ORANGE, Colour.RED]
    before, after = verdict.colour, apply_policy(verdict, policy, x.NOW + timedelta(days=days)).colour
    assert order.index(after) >= order.index(before)
    assert (after is Colour.RED) == (before is Colour.RED)


@given(policies, st.integers(0, 4000))
def test_what_a_policy_does_not_accept_today_it_does_not_accept_later(policy: Policy, days: int) -> None:
    today = apply_policy(DOCUMENT, policy, x.NOW)
    later = apply_policy(DOCUMENT, policy, x.NOW + timedelta(days=days))
    assert isinstance(today, Verified) or not isinstance(later, Verified)
