"""The mobile documents that wallets get of every data set, before PyPI pymdoccbor and npm @auth0/mdl; the clock is that of this machine."""

import functools
from collections.abc import Sequence
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pymdoccbor.mdoc.verifier import MdocCbor

from tests.interop import issued_copies as i
from tests.interop.mdl_judge import judge_mdocs

every_dataset = pytest.mark.parametrize("dataset_id", i.IDS)
in_node = pytest.mark.suite("mdl")
DEBT = i.copy_of("duo.studieschuld")


def with_a_changed_value(copy: i.Copy) -> bytes:
    """The given name is another of the same length, and its holder signs that."""
    changed = copy.issuer_signed.replace("Zoë".encode(), "Zoé".encode())
    assert changed != copy.issuer_signed
    return i.mdoc_presented(copy, changed)


def with_a_changed_type(copy: i.Copy) -> bytes:
    """All that says the type says another, also what the source signed, and its holder signs that."""
    doctype = copy.doctype.encode()
    return i.mdoc_presented(copy, copy.issuer_signed.replace(doctype, doctype[:-1] + b"9"))


def read_in_python(response: bytes) -> MdocCbor:
    reader = MdocCbor()
    reader.loads(response)
    reader.verify([i.authorities()[1]])
    return reader


def read_in_node(responses: Sequence[bytes]) -> list[dict[str, Any]]:
    return judge_mdocs(responses, i.transcript(), i.authorities()[0].public_bytes(Encoding.PEM).decode())


@functools.cache
def all_read_in_node() -> dict[str, dict[str, Any]]:
    """Every data set in one process."""
    return dict(zip(i.IDS, read_in_node([i.mdoc_presented(i.copy_of(name)) for name in i.IDS]), strict=True))


@functools.cache
def bad_ones_read_in_node() -> dict[str, list[str]]:
    """The checks that failed of what it must not believe, in one process."""
    bad = {
        "another holder": i.mdoc_presented(DEBT, by_its_holder=False),
        "another type": with_a_changed_type(DEBT),
        **{f"changed value of {name}": with_a_changed_value(i.copy_of(name)) for name in i.IDS},
    }
    return {name: answer["failed"] for name, answer in zip(bad, read_in_node([*bad.values()]), strict=True)}


@every_dataset
def test_pymdoccbor_verifies_and_reads_every_element(dataset_id: str) -> None:
    copy = i.copy_of(dataset_id)
    reader = read_in_python(i.mdoc_presented(copy))
    (document,) = reader.documents
    assert document.hash_verification["verified"] == len(copy.claims)
    assert reader.disclosure_map == {copy.doctype: {**copy.claims}}


@every_dataset
def test_pymdoccbor_reads_the_holder_key_the_dates_and_the_status(dataset_id: str) -> None:
    copy = i.copy_of(dataset_id)
    (document,) = read_in_python(i.mdoc_presented(copy)).documents
    signed = document.issuersigned.issuer_auth.payload_as_dict
    key, numbers = signed["deviceKeyInfo"]["deviceKey"], copy.holder.public_key().public_numbers()
    assert (key[-2], key[-3]) == (numbers.x.to_bytes(32), numbers.y.to_bytes(32))
    assert signed["validityInfo"]["signed"].timestamp() == copy.visible["iat"]
    assert signed["validityInfo"]["validUntil"].timestamp() == copy.visible["exp"]
    assert signed["status"] == copy.visible["status"]


@every_dataset
def test_pymdoccbor_refuses_a_changed_value(dataset_id: str) -> None:
    reader = read_in_python(with_a_changed_value(i.copy_of(dataset_id)))
    assert (reader.documents, len(reader.documents_invalid)) == ([], 1)


def test_pymdoccbor_refuses_another_type_than_the_source_signed() -> None:
    assert read_in_python(with_a_changed_type(DEBT)).documents == []


@in_node
@every_dataset
def test_mdl_verifies_and_reads_every_element(dataset_id: str) -> None:
    copy, answer = i.copy_of(dataset_id), all_read_in_node()[dataset_id]
    assert answer["failed"] == []
    (((space, items),),) = answer["values"]
    assert space == copy.doctype
    dates = {name for name, value in copy.claims.items() if not isinstance(value, bool | int | str)}
    assert {name: value[:10] if name in dates else value for name, value in items} == copy.as_json()


@in_node
@every_dataset
def test_mdl_refuses_a_changed_value(dataset_id: str) -> None:
    (failed,) = bad_ones_read_in_node()[f"changed value of {dataset_id}"]
    assert "given_name" in failed


@in_node
def test_mdl_refuses_a_copy_that_its_holder_does_not_show() -> None:
    assert bad_ones_read_in_node()["another holder"] == ["Device signature must be valid"]


@in_node
def test_mdl_refuses_another_type_than_the_source_signed() -> None:
    assert "Issuer signature must be valid" in bad_ones_read_in_node()["another type"]
