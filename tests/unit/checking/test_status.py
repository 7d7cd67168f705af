import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from blauweknop.checking.check_document import check_document
from blauweknop.checking.known_shapes import KnownShapes
from blauweknop.checking.trust import Trust
from blauweknop.domain.verdict import Rejected, Undecided, Verdict, Verified
from blauweknop.standards.signing import KeySigner
from blauweknop.standards.status_list import INVALID, SUSPENDED, StatusList, sign_status_list, sign_status_list_as_cwt
from blauweknop.standards.trust_list import ServiceKind, ServiceStatus, TrustService
from tests.unit.checking import exercise_documents as x

URI = "https://duo.example/statuslists/7"
INDEX = 4711


def document(uri: str = URI) -> bytes:
    return x.document_saying(x.changed(x.content(), status={"status_list": {"idx": INDEX, "uri": uri}}))


def token(
    changes: Mapping[int, int], *, uri: str = URI, bits: int = 2, made: datetime = x.NOW, signer: KeySigner | None = None, count: int = 8192
) -> bytes:
    statuses = StatusList.of_size(count, bits).with_statuses(changes)
    by = signer or x.exercise().credentials["duo"]
    day = timedelta(days=1)
    return sign_status_list(statuses, uri=uri, issued_at=made, expires_at=made + day, ttl=timedelta(hours=1), signer=by).encode()


def token_in_cbor(changes: Mapping[int, int]) -> bytes:
    statuses = StatusList.of_size(8192).with_statuses(changes)
    by, day = x.exercise().credentials["duo"], timedelta(days=1)
    return sign_status_list_as_cwt(statuses, uri=URI, issued_at=x.NOW, expires_at=x.NOW + day, ttl=timedelta(hours=1), signer=by)


def trust(lists: Mapping[str, bytes]) -> Trust:
    return replace(x.trust(x.entity(x.DUO, hosts=("duo.example",))), status_lists=lists)


def verdict(lists: Mapping[str, bytes], at: datetime = x.NOW) -> Verdict:
    return check_document(document(), trust=trust(lists), at=at, catalogue=x.catalogue())


def reason(lists: Mapping[str, bytes], at: datetime = x.NOW) -> str:
    found = verdict(lists, at)
    (step,) = [step for step in found.facts.steps if step.reason not in ("ok", "skipped")]
    assert step.id == "status"
    assert (found.facts.status_uri, found.facts.status_index) == (URI, INDEX)
    return f"{found.colour} {step.reason}"


def test_a_document_that_is_on_the_list_as_valid() -> None:
    found = verdict({URI: token({INDEX - 1: INVALID, INDEX + 1: INVALID})})
    assert isinstance(found, Verified)
    assert found.facts.status == "valid"


def test_a_withdrawn_document() -> None:
    found = verdict({URI: token({INDEX: INVALID})})
    assert isinstance(found, Rejected)
    assert (found.sub_indication, found.facts.status) == ("REVOKED", "withdrawn")
    assert reason({URI: token({INDEX: INVALID})}) == "red withdrawn"


def test_a_list_in_cbor_says_the_same() -> None:
    assert verdict({URI: token_in_cbor({INDEX - 1: INVALID})}).facts.status == "valid"
    assert reason({URI: token_in_cbor({INDEX: INVALID})}) == "red withdrawn"


def test_a_list_in_cbor_that_is_cut_off_is_no_yes() -> None:
    assert reason({URI: token_in_cbor({})[:-1]}).endswith(" status_list_malformed")


def test_a_suspended_document() -> None:
    found = verdict({URI: token({INDEX: SUSPENDED})})
    assert isinstance(found, Undecided)
    assert found.facts.status == "suspended"
    assert reason({URI: token({INDEX: SUSPENDED})}) == "orange suspended"


def test_a_value_of_the_issuers_own() -> None:
    assert reason({URI: token({INDEX: 3})}) == "orange status_other"
    assert verdict({URI: token({INDEX: 3})}).facts.status == "unknown"


def test_a_place_beyond_the_list() -> None:
    assert reason({URI: token({}, count=INDEX - 7)}) == "red status_index"


def test_a_list_of_another_address_is_not_looked_at() -> None:
    assert reason({"https://duo.example/statuslists/8": token({})}) == "orange status_unknown"


def test_a_list_of_another_address_in_the_place_of_this_one() -> None:
    assert reason({URI: token({}, uri="https://duo.example/statuslists/8")}) == "orange status_list_subject"


@pytest.mark.parametrize(("days", "expected"), [(-2, "orange status_list_expired"), (1, "orange status_list_not_yet")])
def test_a_list_of_another_day(days: int, expected: str) -> None:
    assert reason({URI: token({}, made=x.NOW + timedelta(days=days))}) == expected


def test_a_list_by_another_source() -> None:
    assert reason({URI: token({}, signer=x.exercise().credentials["uwv"])}) == "orange status_list_signer"


def test_a_list_with_another_signature() -> None:
    good, other = token({}), token({1: INVALID})
    assert reason({URI: good.rpartition(b".")[0] + b"." + other.rpartition(b".")[2]}) == "orange status_list_signature"


@pytest.mark.parametrize("data", [b"", b"<html>", bytes(range(256))])
def test_something_else_than_a_list(data: bytes) -> None:
    assert reason({URI: data}) == "orange status_list_malformed"


def test_a_key_that_is_for_status_lists_only() -> None:
    made = x.NOW - timedelta(days=30)
    entity = x.entity(x.DUO, hosts=("duo.example",))
    signer = x.exercise().credentials["uwv"]
    service = TrustService(ServiceKind.STATUS_LIST, (signer.certificate,), ServiceStatus.GRANTED, made)
    listed = Trust(x.trust_list(replace(entity, services=(*entity.services, service))), status_lists={URI: token({}, signer=signer)})
    assert isinstance(check_document(document(), trust=listed, at=x.NOW, catalogue=x.catalogue()), Verified)


def test_a_withdrawn_document_of_a_known_shape() -> None:
    shapes = KnownShapes()
    first, second = document(), document()
    assert hashlib.sha256(first).digest() != hashlib.sha256(second).digest()
    for pdf in (first, second):
        assert isinstance(shapes.check(pdf, trust=trust({URI: token({})}), at=x.NOW, catalogue=x.catalogue()), Verified)
    assert isinstance(shapes.check(second, trust=trust({URI: token({INDEX: INVALID})}), at=x.NOW, catalogue=x.catalogue()), Rejected)
    assert isinstance(shapes.check(second, trust=trust({}), at=x.NOW, catalogue=x.catalogue()), Undecided)


HERE = "http://127.0.0.1:8000/duo/statuslists/7"


def verdict_of_this_machine(uri: str, *, exercise: bool) -> Verdict:
    listed = x.trust_list(x.entity(x.DUO, hosts=("127.0.0.1:8000",)))
    trusted = Trust(replace(listed, exercise=exercise), status_lists={uri: token({}, uri=uri)})
    return check_document(document(uri), trust=trusted, at=x.NOW, catalogue=x.catalogue())


def test_a_list_of_an_exercise_may_be_on_this_machine() -> None:
    assert verdict_of_this_machine(HERE, exercise=True).colour == "green"


def test_a_list_of_a_real_scheme_is_never_on_this_machine() -> None:
    assert verdict_of_this_machine(HERE, exercise=False).facts.steps[-1].reason == "status_host"


@pytest.mark.parametrize("uri", ["http://127.0.0.1:8001/7", "http://127.0.0.1/7", "http://127.0.0.1:8000@elders.example/7", "http://[/7"])
def test_a_list_at_another_port_of_this_machine_is_not_of_the_source(uri: str) -> None:
    assert verdict_of_this_machine(uri, exercise=True).facts.steps[-1].reason == "status_host"


def test_also_in_an_exercise_a_list_elsewhere_needs_tls() -> None:
    listed = x.trust_list(x.entity(x.DUO, hosts=("duo.example",)))
    found = check_document(document("http://duo.example/7"), trust=Trust(listed), at=x.NOW, catalogue=x.catalogue())
    assert found.facts.steps[-1].reason == "status_host"
