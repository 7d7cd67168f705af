"""Attacks by who holds the real key of a source: page, data and credential that do not say the same, or not what was agreed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from blauweknop.checking.trust import Trust
from blauweknop.document.content import Content
from blauweknop.document.letter import Paragraph
from blauweknop.domain.document import JsonValue
from blauweknop.standards.strict_json import canonical_json
from tests.security.attack_verdicts import orange, red, verdict
from tests.unit.checking import exercise_documents as x

NOW = x.NOW


def other_data(**data: JsonValue) -> Content:
    return x.content(data=data)


# What is said: page, data and credential, all under the real seal.


def test_the_page_says_another_amount_than_the_data() -> None:
    assert red(x.document_saying(other_data(achterstand=1), shown=x.content()))["page_text"] == "page_differs"


def test_the_page_says_more_than_the_data() -> None:
    letter = x.letter(x.content())
    more = replace(letter, blocks=(*letter.blocks, Paragraph("Deze schuld is betaald.")))
    assert red(x.sealed(x.typeset(more, x.attachments(x.content()))))["page_text"] == "page_differs"


def test_the_footer_sends_people_elsewhere() -> None:
    letter = x.letter(x.content())
    elsewhere = replace(letter, footer=("Controleer dit document op controle.elders.example", *letter.footer[1:]))
    assert red(x.sealed(x.typeset(elsewhere, x.attachments(x.content()))))["page_text"] == "page_artifacts"


def test_the_attachments_of_another_document() -> None:
    other = x.changed(other_data(achterstand=7), document_id="aa" * 16)
    found = red(x.sealed(x.typeset(x.letter(x.content()), x.attachments(other))))
    assert found == {"page_text": "page_differs"}


def test_the_credential_says_another_amount_than_the_data() -> None:
    found = red(x.document_saying(x.content(), sd_jwt=x.credential(other_data(achterstand=1))))
    assert found == {"credential": "credential_differs"}


def test_the_credential_says_no_where_the_data_say_nought() -> None:
    said = x.content()
    told = x.credential(x.changed(said, data={**x.DATA, "achterstand": False}))
    assert red(x.document_saying(said, sd_jwt=told)) == {"credential": "credential_differs"}


def test_the_credential_says_less_than_the_data() -> None:
    whole = x.credential(x.content())
    assert red(x.document_saying(x.content(), sd_jwt="~".join([*whole.split("~")[:-2], ""])))["credential"] == "credential_differs"


def test_a_credential_by_another_source() -> None:
    other = x.credential(x.content(), signer=x.exercise().credentials["uwv"])
    assert red(x.document_saying(x.content(), sd_jwt=other))["credential"] == "credential_signer"


def test_a_credential_signed_with_the_seal_key() -> None:
    other = x.credential(x.content(), signer=x.exercise().seals["duo"])
    assert red(x.document_saying(x.content(), sd_jwt=other))["credential"] == "credential_signer"


def test_a_credential_of_another_type() -> None:
    other = x.credential(x.content(), vct="urn:eudi:nl:blauweknop:duo:iets:v1")
    assert red(x.document_saying(x.content(), sd_jwt=other))["credential"] == "credential_type"


def test_a_credential_that_had_ended() -> None:
    ended = x.credential(x.content(), exp=x.ISSUED - timedelta(days=1))
    assert red(x.document_saying(x.content(), sd_jwt=ended))["credential"] == "credential_claims"


def test_a_credential_with_a_forged_signature() -> None:
    message, _, rest = x.credential(x.content()).partition("~")
    head, payload, signature = message.split(".")
    forged = ".".join((head, payload, ("B" if signature[0] != "B" else "C") + signature[1:]))
    assert red(x.document_saying(x.content(), sd_jwt=f"{forged}~{rest}"))["credential"] == "credential_signature"


def test_a_credential_with_a_disclosure_that_belongs_to_nothing() -> None:
    stray = "WyJ6b3V0enoiLCAibmFhbSIsICJ3YWFyZGUiXQ"
    assert red(x.document_saying(x.content(), sd_jwt=x.credential(x.content()) + stray + "~"))["credential"] == "credential_disclosures"


def test_something_else_in_the_place_of_the_credential() -> None:
    assert red(x.document_saying(x.content(), sd_jwt="eyJ~"))["credential"] == "credential_format"


def test_no_credential() -> None:
    assert red(x.sealed(x.typeset(x.letter(x.content()), x.attachments(x.content())[:1])))["credential"] == "credential_missing"


def test_no_data() -> None:
    assert red(x.sealed(x.typeset(x.letter(x.content()), x.attachments(x.content())[1:])))["content"] == "data_missing"


def test_data_with_a_name_twice() -> None:
    twice = canonical_json(x.content()).replace(b'{"$schema"', b'{"type":"uwv.iets","$schema"', 1)
    assert red(x.document_saying(x.content(), data=twice))["content"] == "json_malformed"


def test_a_required_field_is_missing() -> None:
    said = x.content()
    fewer = {name: value for name, value in x.DATA.items() if name != "schuldsaldo_inclusief_rente"}
    assert red(x.document_saying(said, data=canonical_json({**said, "data": fewer})))["schema"] == "schema"


def test_data_that_name_another_schema() -> None:
    assert red(x.document_saying(x.changed(x.content(), **{"$schema": "https://elders.example/schema"})))["schema"] == "schema"


def test_a_member_that_nobody_agreed_on() -> None:
    assert red(x.document_saying(x.content(), data=canonical_json({**x.content(), "extra": "x"})))["schema"] == "schema"


def test_a_day_that_does_not_exist() -> None:
    said = x.changed(x.content(), valid_until="2027-02-30")
    assert red(x.document_saying(x.content(), data=canonical_json(said)))["schema"] == "schema"


def test_a_field_of_a_part_that_was_not_chosen() -> None:
    said = x.content(parts=("schuld",))
    smuggled = {**x.content(parts=("schuld", "terugbetalen"))["data"]}  # type: ignore[dict-item] # an object of the sample
    assert red(x.document_saying(said, data=canonical_json({**said, "data": smuggled})))["schema"] == "selection_mismatch"


def test_a_required_field_of_a_chosen_part_is_missing() -> None:
    said = x.content()
    fewer = {name: value for name, value in x.DATA.items() if name != "fase"}
    assert red(x.document_saying(said, data=canonical_json({**said, "data": fewer})))["schema"] == "selection_mismatch"


def test_a_number_of_a_person_that_was_not_chosen() -> None:
    said = x.content()
    subject = {**said["subject"], "bsn": x.BSN}  # type: ignore[dict-item] # an object of the sample
    assert red(x.document_saying(said, data=canonical_json({**said, "subject": subject})))["schema"] == "selection_mismatch"


def test_a_row_left_out_without_saying_so() -> None:
    said = x.content()
    rows: list[JsonValue] = [{"soort": "lening", "bedrag": 1000000}]
    fewer: Content = {**x.DATA, "schuldonderdelen": rows}
    assert red(x.document_saying(said, data=canonical_json({**said, "data": fewer})))["schema"] == "counts_mismatch"


def test_a_longer_validity_than_the_data_set_has() -> None:
    said = x.changed(x.content(), valid_until="2036-02-21")
    assert red(x.document_saying(said))["schema"] == "envelope_mismatch"


def test_made_after_it_was_sealed() -> None:
    assert red(x.document_saying(x.content(issued_at=NOW)))["validity"] == "issued_after_seal"


def test_out_of_date() -> None:
    later = NOW + timedelta(days=100)
    fresh = Trust(x.trust_list(issued=later - timedelta(days=1)))
    assert orange(x.good_document(), trust=fresh, at=later) == {"validity": "data_expired"}


def test_a_data_set_that_is_not_known_yet() -> None:
    said = x.changed(x.content(), type="duo.nieuw")
    trust = x.trust(x.entity(x.DUO, datasets=("duo.nieuw",)))
    assert orange(x.document_saying(x.content(), data=canonical_json(said)), trust=trust)["schema"] == "dataset_unknown"


# Status.


def test_an_issuer_with_status_lists_gives_no_document_without_status() -> None:
    assert red(x.good_document(), trust=x.trust(x.entity(x.DUO, hosts=("duo.example",))))["status"] == "status_missing"


def with_status(uri: str) -> Content:
    return x.changed(x.content(), status={"status_list": {"idx": 4711, "uri": uri}})


def test_a_status_list_of_another_host() -> None:
    trust = x.trust(x.entity(x.DUO, hosts=("duo.example",)))
    assert red(x.document_saying(with_status("https://elders.example/1")), trust=trust)["status"] == "status_host"


def test_a_silent_status_list_is_no_yes_and_no_no() -> None:
    trust = x.trust(x.entity(x.DUO, hosts=("duo.example",)))
    assert orange(x.document_saying(with_status("https://duo.example/statuslists/7")), trust=trust) == {"status": "status_unknown"}


# What people really upload.


@pytest.mark.parametrize(
    ("upload", "reason"),
    [(b"", "empty"), (b"\xff\xd8\xff\xe0 a photo", "not_a_pdf"), (b"%PDF-1.7\n" + b"0" * (20 << 20), "file_size")],
    ids=["empty", "photo", "too large"],
)
def test_a_file_that_is_no_document(upload: bytes, reason: str) -> None:
    assert red(upload)["container"] == reason


def test_no_verdict_but_green_holds_data() -> None:
    assert not hasattr(verdict(x.good_document() + b"\n"), "content")


def test_verdicts_hide_the_data_in_their_repr() -> None:
    assert "Łukasz" not in repr(verdict(x.good_document()))
