from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest

from blauweknop.checking.reduced_steps import check_no_seal, check_signature_of_credential, says_it_is_reduced
from blauweknop.checking.steps import Evidence, StopStep
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_syntax import Name, PdfObject, Reference
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import reduced_documents as r


def found(pdf: bytes) -> Evidence:
    return Evidence(pdf, x.trust(), x.NOW, x.catalogue(), file=read_file(pdf))


def with_object(number: int, members: Mapping[str, PdfObject]) -> Evidence:
    evidence = found(r.good_reduced())
    assert evidence.file is not None
    return replace(evidence, file=replace(evidence.file, objects={**evidence.file.objects, number: MappingProxyType(members)}))


def with_root(**members: PdfObject) -> Evidence:
    file = read_file(r.good_reduced())
    root = file.trailer["Root"]
    assert isinstance(root, Reference)
    return with_object(root.number, {**file.root, **members})


def test_what_its_holder_made_smaller_says_so() -> None:
    assert says_it_is_reduced(found(r.good_reduced()))
    assert not says_it_is_reduced(found(x.good_document()))
    assert not says_it_is_reduced(found(x.good_letter()))
    assert not says_it_is_reduced(with_root(AcroForm=MappingProxyType({})))


@pytest.mark.parametrize(
    ("name", "value"),
    [("Type", Name("Sig")), ("Type", Name("DocTimeStamp")), ("ByteRange", (0, 1, 2, 3)), ("SubFilter", Name("ETSI.CAdES.detached"))],
    ids=["seal", "time stamp", "range", "form"],
)
def test_nothing_in_it_passes_for_a_seal(name: str, value: PdfObject) -> None:
    with pytest.raises(StopStep) as stopped:
        check_no_seal(with_object(9999, {name: value}))
    assert stopped.value.code == "seal_form"


def test_nothing_in_it_passes_for_permissions_of_a_signer() -> None:
    with pytest.raises(StopStep) as stopped:
        check_no_seal(with_root(Perms=MappingProxyType({})))
    assert stopped.value.code == "certification"


def test_who_signed_its_credential_stands_where_the_signer_of_a_seal_would() -> None:
    evidence = found(r.good_reduced())
    check_signature_of_credential(evidence)
    assert evidence.verified_seal is not None
    signer = x.exercise().credentials["duo"]
    assert evidence.verified_seal.certificate == x.read(signer)
    assert set(evidence.verified_seal.crls) == set(x.exercise().crls)
    assert evidence.verified_seal.time_stamp is None
