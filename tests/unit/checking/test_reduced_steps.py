import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest

from blauweknop.checking.content_steps import DATA_NAME
from blauweknop.checking.reduced_steps import (
    check_no_seal,
    check_reduced_schema,
    check_signature_of_credential,
    says_it_is_reduced,
)
from blauweknop.checking.steps import Evidence, StopStep
from blauweknop.document.attachment import Attachment
from blauweknop.document.certified import disclosable
from blauweknop.document.content import Content, compose_content
from blauweknop.document.kept_paths import parse_path
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_syntax import Name, PdfObject, Reference
from blauweknop.document.redaction import reduce_credential
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue, Selection, Snapshot, Subject
from blauweknop.standards import sd_jwt_vc
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import reduced_documents as r
from tests.unit.document import content_samples as s


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


@pytest.mark.parametrize("data", [b'{"reduced":1,"reduced":1}', b'["reduced"]'])
def test_data_that_cannot_be_read_say_nothing(data: bytes) -> None:
    file = Attachment(DATA_NAME, data, "application/json", "data", "Gegevens")
    assert not says_it_is_reduced(found(x.typeset(x.letter(x.content()), [file])))


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
    assert [item.subject for item in evidence.verified_seal.others] == [x.read(signer).issuer]
    assert len(evidence.verified_seal.signature) == 64


def looked_into(rows: bool = False) -> Content:
    """What is left of a document of the register of persons that says of a first name, here or in a row, that it is looked into."""
    persons = x.catalogue().dataset("gem.brp")
    name: dict[str, JsonValue] = {"voornamen": "Zoë", "inOnderzoek": {"voornamen": True}}
    data: dict[str, JsonValue] = {"partners": [{"naam": name}]} if rows else {"naam": name}
    snapshot = Snapshot(persons.id, Subject("Zoë", "Berg", PartialDate(1985, 8)), data, x.NOW)
    chosen = Selection(persons.id, frozenset(part.id for part in persons.parts))
    said = compose_content(snapshot, chosen, persons, s.SOURCE, replace(s.FACTS, issued_at=x.NOW))
    credential = sd_jwt_vc.issue(
        {member: value for member, value in said.items() if member != "$schema"},
        disclosable=disclosable(persons),
        signer=x.exercise().credentials["duo"],
        vct=persons.type_uri,
        issuer="https://duo.example",
        issued_at=x.NOW,
        expires_at=x.NOW + timedelta(days=1),
        random_bytes=random.Random(7).randbytes,
    )
    kept = ["data.partners[0]"] if rows else ["data.naam.voornamen", "data.naam.inOnderzoek.voornamen"]
    return reduce_credential(credential, [parse_path(path) for path in kept], persons, made_at=x.NOW).content


def judged(content: Content) -> str:
    evidence = Evidence(b"", x.trust(), x.NOW, x.catalogue(), content=content)
    try:
        check_reduced_schema(evidence)
    except StopStep as stop:
        return stop.code
    return "ok"


def test_an_indication_that_a_value_is_looked_into_comes_along_with_it() -> None:
    content = looked_into()
    assert content["data"] == {"naam": {"voornamen": "Zoë", "inOnderzoek": {"voornamen": True}}}
    assert judged(content) == "ok"
    assert judged({**content, "data": {"naam": {"voornamen": "Zoë"}}}) == "reduced_mismatch"
    assert judged({**content, "data": {"naam": {"voornamen": "Zoë", "inOnderzoek": {"voornamen": False}}}}) == "reduced_mismatch"


def test_without_the_value_its_indication_may_be_absent() -> None:
    assert judged({**looked_into(), "data": {}}) == "ok"


def test_a_row_travels_with_what_is_looked_into_in_it() -> None:
    content = looked_into(rows=True)
    told = content["volledigheid"]
    assert isinstance(told, dict)
    assert judged(content) == "ok"
    assert judged({**content, "data": {"partners": [{"naam": {"voornamen": "Zoë"}}]}}) == "ok"
    assert judged({**content, "volledigheid": {**told, "in_onderzoek": ["partners.inOnderzoek"]}}) == "ok"
