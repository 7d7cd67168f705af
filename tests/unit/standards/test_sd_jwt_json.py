"""The form of JSON (RFC 9901 section 8) says the same as the compact form, or is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.checking.check_received import check_received
from blauweknop.domain.verdict import CheckedKind, Verdict, Verified
from blauweknop.standards import base64url
from blauweknop.standards.disclosures import SdJwtProblem
from blauweknop.standards.sd_jwt_json import compact_form
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x

_PART = st.binary(min_size=1, max_size=40).map(base64url.encode)


def general(compact: str, *others: object) -> dict[str, Any]:
    members: dict[str, Any] = c.in_json(compact)
    return {"payload": members.pop("payload"), "signatures": [members, *others]}


def received(value: object, end: bytes = b"") -> Verdict:
    return check_received(json.dumps(value).encode() + end, trust=c.trust(), at=x.NOW, catalogue=x.catalogue())


@given(st.tuples(_PART, _PART, _PART), st.lists(_PART, max_size=4), st.none() | st.tuples(_PART, _PART, _PART))
def test_every_compact_form_comes_back(message: tuple[str, ...], disclosures: list[str], binding: tuple[str, ...] | None) -> None:
    compact = "~".join([".".join(message), *disclosures, ".".join(binding or ())])
    for form in (c.in_json, general):
        assert compact_form(json.dumps(form(compact)).encode()) == compact


@pytest.mark.parametrize("form", [c.in_json, general])
def test_a_file_of_json_gets_the_verdict_of_its_compact_form(form: Any) -> None:
    verdict = received(form(c.of_document()), b"\n")
    assert isinstance(verdict, Verified)
    assert verdict == check_received(c.of_document().encode(), trust=c.trust(), at=x.NOW, catalogue=x.catalogue())


def test_a_presentation_in_json_is_left_open() -> None:
    verdict = received(c.in_json(c.presented()))
    assert verdict.facts.kind is CheckedKind.PRESENTATION
    assert c.against(verdict) == ["orange holder holder_not_asked"]


def test_a_disclosure_of_another_is_red() -> None:
    changed: dict[str, Any] = c.in_json(c.of_document())
    changed["header"]["disclosures"].append(base64url.encode(b'["c2FsdA","bsn","999990019"]'))
    assert c.against(received(changed)) == ["red disclosures proof_disclosure_unreferenced"]


_ONE = "YQ.Yg.Yw~ZA~"
_OTHER = {"protected": "YQ", "signature": "Yw"}


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        c.in_json(_ONE) | {"payload": None},
        c.in_json(_ONE) | {"payload": ""},
        c.in_json(_ONE) | {"payload": "Yg.Yw"},
        c.in_json(_ONE) | {"signature": "Yw~ZA"},
        c.in_json(_ONE) | {"protected": "YQ=="},
        c.in_json(_ONE) | {"header": []},
        c.in_json(_ONE) | {"header": {"disclosures": "ZA"}},
        c.in_json(_ONE) | {"header": {"disclosures": [1]}},
        c.in_json(_ONE) | {"header": {"disclosures": [""]}},
        c.in_json(_ONE) | {"header": {"disclosures": ["ZA~ZQ"]}},
        c.in_json(_ONE) | {"header": {"kb_jwt": ""}},
        c.in_json(_ONE) | {"header": {"kb_jwt": None}},
        c.in_json(_ONE) | {"header": {"kb_jwt": "YQ.Yg~.Yw"}},
        c.in_json(_ONE) | {"header": {"alg": "none"}},
        c.in_json(_ONE) | {"header": {"x5c": []}},
        c.in_json(_ONE) | {"signatures": [_OTHER]},
        {"payload": "Yg", "signatures": []},
        {"payload": "Yg", "signatures": {}},
        {"payload": "Yg", "signatures": ["YQ"]},
        general(_ONE, "YQ"),
        general(_ONE, _OTHER | {"header": {"disclosures": []}}),
        general(_ONE, _OTHER | {"header": {"kb_jwt": "YQ.Yg.Yw"}}),
    ],
    ids=lambda value: json.dumps(value)[-60:],
)
def test_what_could_be_read_in_two_ways_or_none_is_refused(value: object) -> None:
    with pytest.raises(SdJwtProblem) as refused:
        compact_form(json.dumps(value).encode())
    assert refused.value.code == "format"
    assert received(value).facts.steps[0].reason == "not_a_pdf"


def test_a_member_twice_is_refused() -> None:
    with pytest.raises(SdJwtProblem):
        compact_form(b'{"payload":"YQ","payload":"Yg","protected":"YQ","signature":"Yw"}')
