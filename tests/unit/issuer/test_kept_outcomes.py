import json
from dataclasses import replace

import pytest

from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import Found, Incomplete, JsonValue, NoData, Outcome, Refused, Unavailable
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.texts import Text
from blauweknop.issuer.kept_outcomes import outcomes_as_json, outcomes_from_json
from tests.unit.issuer.source_world import ANNA, DEBT, JOBS, found

_OUTCOMES: list[Outcome] = [
    NoData(),
    Refused("deceased", Text("Overleden.", "Died.")),
    Incomplete(("rentepercentage", "fase")),
    Unavailable("timeout"),
    Unavailable("configuration", retry_worthwhile=False),
]


@pytest.mark.parametrize("outcome", _OUTCOMES, ids=lambda outcome: outcome.kind.value)
def test_every_outcome_comes_back_as_it_was(outcome: Outcome) -> None:
    kept = json.loads(json.dumps(outcomes_as_json({DEBT.id: outcome})))
    assert outcomes_from_json(kept, ANNA.bsn) == {DEBT.id: outcome}


@pytest.mark.parametrize("dataset", [DEBT, JOBS], ids=lambda dataset: dataset.id)
def test_a_snapshot_comes_back_whole_with_the_bsn_of_the_session(dataset: Dataset) -> None:
    before = found(dataset)
    kept = json.loads(json.dumps(outcomes_as_json({dataset.id: before})))
    after = outcomes_from_json(kept, ANNA.bsn)[dataset.id]
    assert isinstance(after, Found)
    assert after.snapshot.data == before.snapshot.data
    assert after.snapshot.reference_moment == before.snapshot.reference_moment
    assert after.snapshot.subject.bsn == ANNA.bsn
    assert (after.snapshot.subject.given_name, after.snapshot.subject.birth_date) == ("Zoë", before.snapshot.subject.birth_date)


def test_the_bsn_is_not_kept_twice() -> None:
    before = found(DEBT)
    before = Found(replace(before.snapshot, subject=replace(before.snapshot.subject, bsn=ANNA.bsn)))
    assert ANNA.bsn.digits not in json.dumps(outcomes_as_json({DEBT.id: before}))


@pytest.mark.parametrize(
    "kept", [{"kind": "other"}, {"kind": "found"}, [], None, "found", {"kind": "unavailable", "cause": 1, "retry": True}]
)
def test_what_another_version_kept_is_refused(kept: JsonValue) -> None:
    with pytest.raises(MalformedValue):
        outcomes_from_json({DEBT.id: kept}, ANNA.bsn)


def test_nothing_kept_is_nothing() -> None:
    assert outcomes_from_json({}, ANNA.bsn) == {}
