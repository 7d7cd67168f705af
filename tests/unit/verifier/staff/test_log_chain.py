"""What became of a log is found, whatever it was: each line that was changed, left out, moved or added, and a tail that is gone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards import jose
from blauweknop.verifier.staff.log_checking import Break, first_break, sign_checkpoint
from blauweknop.verifier.staff.logbook import Checkpoint, Deed, Entry, Head, Line, line_after, line_hash
from tests.unit.standards import receivers as r

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SIGNER = r.RECEIVER.signer()
ANOTHER = [(kind, value.replace("90001001", "90001002")) for kind, value in r.SUBJECT]
SANNE, ABOUT = "ab" * 32, "cd" * 32


def log_of(count: int, *, first: Head | None = None, entry: Entry | None = None) -> list[Line]:
    lines: list[Line] = []
    head = first
    for number in range(count):
        line = line_after("huur", head, entry or Entry(Deed.DOSSIER_SEEN, SANNE, ABOUT), NOON + timedelta(seconds=number))
        lines.append(line)
        head = Head(line.number, line.hash)
    return lines


def signed(line: Line, receiver: str = "huur", **changes: Any) -> Checkpoint:
    head = Head(line.number, changes.get("hash", line.hash))
    return Checkpoint(line.number, sign_checkpoint(receiver, head, SIGNER, now=NOON), NOON)


def judged(
    lines: Sequence[Line], *checkpoints: Checkpoint, head: Head | None = None, certificate: bytes = SIGNER.certificate
) -> Break | None:
    last = head or (Head(lines[-1].number, lines[-1].hash) if lines else None)
    return first_break(lines, receiver="huur", head=last, checkpoints=checkpoints, certificate=certificate)


def chained(line: Line, **changes: Any) -> Line:
    """A line that somebody changed, with a new hash that fits."""
    changed = replace(line, **changes)
    return replace(changed, hash=line_hash("huur", changed))


def test_an_empty_log_and_one_as_it_was_written_are_whole() -> None:
    lines = log_of(5)
    assert judged([]) is None
    assert judged(lines, signed(lines[1]), signed(lines[4])) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"staff": "ef" * 32},
        {"staff": None},
        {"deed": "dossier_checked"},
        {"about": None},
        {"detail": "x"},
        {"at": NOON},
        {"previous": "0" * 64},
        {"hash": "0" * 64},
    ],
)
def test_a_changed_line_is_found(changes: dict[str, Any]) -> None:
    lines = log_of(5)
    lines[2] = replace(lines[2], **changes)
    assert judged(lines, head=Head(5, lines[4].hash)) in (Break(3, "line"), Break(3, "order"))


def test_a_changed_line_with_a_hash_that_fits_no_longer_fits_the_next() -> None:
    lines = log_of(5)
    lines[2] = chained(lines[2], staff="ef" * 32)
    assert judged(lines) == Break(4, "order")


def test_a_log_that_was_written_anew_does_not_fit_its_checkpoint() -> None:
    lines = log_of(5)
    anew = log_of(5, entry=Entry(Deed.LOGGED_IN, SANNE))
    assert judged(anew, signed(lines[3])) == Break(4, "checkpoint")


def test_a_line_that_is_left_out_is_found() -> None:
    lines = log_of(5)
    assert judged([*lines[:2], *lines[3:]]) == Break(3, "gap")


def test_lines_that_changed_places_are_found() -> None:
    lines = log_of(5)
    assert judged([lines[0], lines[2], lines[1], *lines[3:]]) == Break(2, "gap")
    swapped = [lines[0], chained(lines[2], number=2), chained(lines[1], number=3), *lines[3:]]
    assert judged(swapped) == Break(2, "order")


def test_a_tail_that_is_gone_is_found_by_the_head_and_by_a_checkpoint() -> None:
    lines = log_of(5)
    assert judged(lines[:3], head=Head(5, lines[4].hash)) == Break(4, "tail")
    assert judged(lines[:3], signed(lines[4])) == Break(4, "tail")
    assert judged([], signed(lines[4])) == Break(1, "tail")
    assert first_break(lines, receiver="huur", head=None, checkpoints=(), certificate=SIGNER.certificate) == Break(6, "tail")


def test_a_beginning_that_is_gone_is_found() -> None:
    assert judged(log_of(5)[2:]) == Break(1, "start")


def test_a_beginning_that_the_log_itself_let_go_is_no_break() -> None:
    lines = log_of(5)
    head = Head(5, lines[4].hash)
    shorter = [*lines[3:], line_after("huur", head, Entry(Deed.LOG_SHORTENED, detail="3"), NOON)]
    assert judged(shorter, signed(shorter[-1])) is None
    assert judged(shorter[1:]) == Break(4, "start")


def test_a_log_of_which_the_end_was_lost_says_so() -> None:
    lines = log_of(2)
    resumed = line_after("huur", Head(2, lines[1].hash), Entry(Deed.LOG_RESUMED), NOON)
    assert judged([*lines, resumed]) == Break(3, "resumed")


def test_a_checkpoint_that_was_changed_or_is_of_another_is_refused() -> None:
    lines = log_of(3)
    good = signed(lines[2])
    head, payload, signature = good.signed.split(".")
    assert judged(lines, replace(good, signed=f"{head}.{payload}.{signature[::-1]}")) == Break(3, "signature")
    assert judged(lines, replace(good, signed="x")) == Break(3, "signature")
    assert judged(lines, replace(good, number=2)) == Break(2, "checkpoint")
    assert judged(lines, signed(lines[2], receiver="schuldhulp")) == Break(3, "checkpoint")


def test_an_earlier_certificate_of_the_same_organisation_counts_and_one_of_another_does_not() -> None:
    lines = log_of(3)
    same = r.access_certificate().signer().certificate
    other = r.access_certificate(subject=ANOTHER).signer().certificate
    assert judged(lines, signed(lines[2]), certificate=same) is None
    assert judged(lines, signed(lines[2]), certificate=other) == Break(3, "signer")


def test_a_checkpoint_is_no_message_of_another_purpose() -> None:
    lines = log_of(1)
    forged = jose.sign_jws({"receiver": "huur", "number": 1, "hash": lines[0].hash, "iat": 1}, SIGNER, jose.SHARING_RECEIPT)
    assert judged(lines, Checkpoint(1, forged, NOON)) == Break(1, "signature")


@given(st.integers(0, 11), st.sampled_from(["drop", "swap", "double", "change"]))
def test_whatever_one_does_to_a_line_is_found(place: int, what: str) -> None:
    lines = log_of(12)
    head, checkpoint = Head(12, lines[-1].hash), signed(lines[-1])
    match what:
        case "drop":
            del lines[place]
        case "swap":
            other = (place + 1) % 12
            lines[place], lines[other] = lines[other], lines[place]
        case "double":
            lines.insert(place, lines[place])
        case _:
            lines[place] = chained(lines[place], about="ee" * 32)
    assert judged(lines, checkpoint, head=head) is not None
