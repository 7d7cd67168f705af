import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.checking.check_document import check_document
from blauweknop.checking.transport import MalformedTransport, trust_from_bytes, trust_to_bytes, verdict_from_bytes, verdict_to_bytes
from blauweknop.checking.trust import NO_TRUST, Trust
from tests.unit.checking import exercise_documents as x


@pytest.mark.parametrize(("pdf", "trust"), [(None, None), (None, NO_TRUST), (b"", None)], ids=["green", "orange", "red"])
def test_a_verdict_arrives_as_it_left(pdf: bytes | None, trust: Trust | None) -> None:
    found = check_document(x.good_document() if pdf is None else pdf, trust=trust or x.trust(), at=x.NOW, catalogue=x.catalogue())
    assert verdict_from_bytes(verdict_to_bytes(found)) == found


def test_a_trust_arrives_as_it_left() -> None:
    assert trust_from_bytes(trust_to_bytes(x.trust())) == x.trust()
    assert trust_from_bytes(trust_to_bytes(NO_TRUST)) == NO_TRUST


@pytest.mark.parametrize(
    "sent",
    [
        b'{"colour":"green","facts":{"steps":[]},"sub_indication":null,"content":null}',
        b'{"colour":"red","facts":{"steps":[]},"sub_indication":null,"content":null}',
        b'{"colour":"blue","facts":{"steps":[]},"sub_indication":"X","content":null}',
        b"[]",
    ],
)
def test_half_a_verdict_is_refused(sent: bytes) -> None:
    with pytest.raises(MalformedTransport):
        verdict_from_bytes(sent)


def test_a_verdict_of_endless_nesting_is_refused() -> None:
    content = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    with pytest.raises(MalformedTransport):
        verdict_from_bytes(b'{"colour":"green","facts":{"steps":[]},"sub_indication":null,"content":' + content + b"}")


@given(st.binary())
def test_no_other_bytes_are_a_verdict_or_a_trust(sent: bytes) -> None:
    for read in (verdict_from_bytes, trust_from_bytes):
        with pytest.raises(MalformedTransport):
            read(sent)
