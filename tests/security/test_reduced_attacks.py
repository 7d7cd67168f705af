"""Attacks on documents that their holder made smaller: there is no seal over the file, so each part must prove itself or condemn."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from blauweknop.checking.report import explain, is_reduced, report_json, report_text
from blauweknop.checking.trust import NO_TRUST, Trust
from blauweknop.document.attachment import Attachment
from blauweknop.document.blocks import Paragraph, Rows
from blauweknop.document.reduction import LISTS_NAME, write_lists
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import Colour, Verified
from blauweknop.standards import base64url
from blauweknop.standards.strict_json import canonical_json, parse_json
from blauweknop.standards.trust_list import ServiceKind, ServiceStatus
from tests.security.attack_verdicts import orange, red, verdict
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import reduced_documents as r

NOW = x.NOW


def parts(sd_jwt: str) -> list[str]:
    return sd_jwt.split("~")


def with_disclosures(found_in: str, *texts: str) -> str:
    return "~".join((parts(found_in)[0], *texts, ""))


def test_a_reduced_document_is_green_and_says_that_it_is_one() -> None:
    found = verdict(r.good_reduced())
    assert isinstance(found, Verified)
    assert (is_reduced(found), report_json("a", found)["reduced"]) == (True, True)
    assert "verkorte versie" in explain(found, "nl").title
    assert "reduced version" in report_text("a", found, "en")


def test_a_reduced_document_that_is_not_green_says_that_it_is_one() -> None:
    found = verdict(r.good_reduced(), trust=NO_TRUST)
    assert found.colour is Colour.ORANGE
    assert "Verkorte versie" in report_text("a", found, "nl")


def test_nothing_left_out_still_is_a_reduced_version() -> None:
    found = verdict(r.reduced_from(x.good_document(), ["subject", "data"]))
    assert found.colour is Colour.GREEN
    assert is_reduced(found)


def test_a_reduced_document_can_be_reduced_again() -> None:
    found = verdict(r.reduced_from(r.good_reduced(), ["data.fase"]))
    assert isinstance(found, Verified)
    assert (found.content["data"], found.content["subject"]) == ({"fase": "aflosfase", "schuldonderdelen": []}, {})


# Without the marker, or with more than it.


def test_a_sealed_document_without_its_seal() -> None:
    assert red(x.good_letter()) == {"seal_coverage": "no_seal"}


def test_a_reduced_document_without_the_marker() -> None:
    found = r.reduced()
    bare = {name: value for name, value in found.content.items() if name != "reduced"}
    pdf = x.typeset(r.letter(found.content), r.attached(replace(found, content=bare)))
    assert red(pdf) == {"seal_coverage": "no_seal"}


def test_the_whole_content_with_the_marker_and_the_pages_of_the_original() -> None:
    said, sd_jwt = x.content(), x.credential(x.content())
    marked: JsonValue = {"made_at": "2026-11-23T15:12:00+01:00", "left_out": []}
    pdf = x.typeset(x.letter(said), [*x.attachments({**said, "reduced": marked}, sd_jwt=sd_jwt), r.attached(r.reduced())[2]])
    assert red(pdf) == {"page_text": "page_differs"}


def test_a_seal_over_a_reduced_document() -> None:
    assert set(red(x.sealed(r.good_reduced()))) >= {"content"}


def test_revocation_lists_beside_the_data_of_a_sealed_document() -> None:
    lists = Attachment(LISTS_NAME, write_lists(x.exercise().crls), "application/x-pem-file", "data", "lijsten")
    assert red(x.sealed(x.typeset(x.letter(x.content()), [*x.attachments(x.content()), lists])))["content"] == "attachment_name"


# Pages and data.


def test_the_page_says_more_than_was_disclosed() -> None:
    found = r.reduced()
    letter = r.letter(found.content)
    more = replace(letter, blocks=(*letter.blocks, Paragraph("Deze schuld is betaald.")))
    assert red(r.written_from(found, shown=more)) == {"page_text": "page_differs"}


def test_the_page_says_another_value() -> None:
    found = r.reduced()
    letter = r.letter(found.content)
    other = replace(letter, blocks=(letter.blocks[0], Rows((("Naam", "Iemand Anders"),)), *letter.blocks[2:]))
    assert red(r.written_from(found, shown=other)) == {"page_text": "page_differs"}


def test_the_pages_do_not_say_that_this_is_a_reduced_version() -> None:
    found = r.reduced()
    letter = r.letter(found.content)
    silent = replace(letter, footer=letter.footer[:-1])
    assert red(r.written_from(found, shown=silent)) == {"page_text": "page_artifacts"}


def test_the_data_say_another_amount() -> None:
    found = r.reduced()
    data = found.content["data"]
    assert isinstance(data, dict)
    assert red(r.written_from(found, data={**data, "achterstand": 1})) == {"credential": "credential_differs"}


def test_the_data_say_another_source() -> None:
    found = r.reduced()
    pdf = r.written_from(found, source={"oin": "00000099000000002000", "name": "UWV"})
    assert red(pdf) == {"issuer": "source_oin", "credential": "credential_differs"}


def test_less_was_left_out_than_is_held_back() -> None:
    pdf = r.written_from(r.reduced(), reduced={"made_at": "2026-11-23T15:12:00+01:00", "left_out": []})
    assert red(pdf)["credential"] == "reduced_mismatch"


@pytest.mark.parametrize(
    "reduced",
    [
        None,
        [],
        {"made_at": "2026-11-23T15:12:00+01:00"},
        {"made_at": "gisteren", "left_out": []},
        {"made_at": "2026-11-23T14:12:00Z", "left_out": []},
        {"made_at": "2026-11-23T15:12:00+01:00", "left_out": [{"path": "data"}]},
        {"made_at": "2026-11-23T15:12:00+01:00", "left_out": [{"path": "data", "rows": 1, "values": 1}]},
        {"made_at": "2026-11-23T15:12:00+01:00", "left_out": [], "extra": 1},
    ],
)
def test_a_marker_of_another_form(reduced: JsonValue) -> None:
    found = r.reduced()
    assert red(r.written_from(found, shown=r.letter(found.content), reduced=reduced))["schema"] == "schema"


# Disclosures.


def test_a_disclosure_that_was_added() -> None:
    found = r.reduced()
    own = base64url.encode(canonical_json(["c2FsdA", "achterstand", 0]))
    more = with_disclosures(found.credential, *parts(found.credential)[1:-1], own)
    assert red(r.written_from(replace(found, credential=more)))["credential"] == "credential_disclosures"


def test_a_disclosure_that_was_taken_away() -> None:
    found = r.reduced()
    less = with_disclosures(found.credential, *parts(found.credential)[1:-2])
    assert red(r.written_from(replace(found, credential=less)))["credential"] == "credential_differs"


def test_a_disclosure_that_was_changed() -> None:
    found = r.reduced(["data.achterstand"])
    told = parse_json(base64url.decode(parts(found.credential)[1]), max_bytes=10_000)
    assert isinstance(told, list)
    other = with_disclosures(found.credential, base64url.encode(canonical_json([told[0], told[1], 999])))
    assert red(r.written_from(replace(found, credential=other)))["credential"] == "credential_disclosures"


def test_disclosures_of_two_documents() -> None:
    found, other = r.reduced(["data.fase"]), r.reduced(["data.achterstand"], said=x.content(data={"achterstand": 7, "fase": "aanloopfase"}))
    mixed = with_disclosures(found.credential, *parts(found.credential)[1:-1], *parts(other.credential)[1:-1])
    assert "credential" in red(r.written_from(replace(found, credential=mixed)))


# The signature, its signer, and the time.


def test_a_message_that_was_changed() -> None:
    found = r.reduced()
    head, payload, signature = parts(found.credential)[0].split(".")
    claims = parse_json(base64url.decode(payload), max_bytes=100_000)
    assert isinstance(claims, dict)
    forged = ".".join((head, base64url.encode(canonical_json({**claims, "language": "en"})), signature))
    pdf = r.written_from(replace(found, credential="~".join((forged, *parts(found.credential)[1:]))))
    assert red(pdf) == {"seal": "credential_signature"}


def test_a_credential_of_another_source_about_the_data_of_this_one() -> None:
    found = r.reduced(sd_jwt=x.credential(x.content(), signer=x.exercise().credentials["uwv"]))
    assert red(r.written(found))["issuer"] == "issuer_not_entitled"


def test_a_credential_signed_with_the_seal_key() -> None:
    assert red(r.written(r.reduced(sd_jwt=x.credential(x.content(), signer=x.exercise().seals["duo"]))))["chain"] == "signer_wrong_use"


def test_a_source_that_is_not_on_the_list() -> None:
    assert orange(r.good_reduced(), trust=x.trust(x.entity(x.UWV)))["chain"] == "signer_unknown"


def test_a_source_whose_credentials_the_scheme_no_longer_stands_behind() -> None:
    duo = x.entity(x.DUO)
    services = tuple(
        replace(service, status=ServiceStatus.WITHDRAWN) if service.kind is ServiceKind.CREDENTIAL else service for service in duo.services
    )
    listed = Trust(x.trust_list(replace(duo, services=services)))
    assert red(r.good_reduced(), trust=listed)["issuer"] == "service_withdrawn"


def test_a_credential_that_ended() -> None:
    found = r.reduced(sd_jwt=x.credential(x.content(), exp=NOW - timedelta(seconds=1)))
    assert orange(r.written(found)) == {"credential": "data_expired"}


def test_a_credential_that_ends_now() -> None:
    assert isinstance(verdict(r.written(r.reduced(sd_jwt=x.credential(x.content(), exp=NOW)))), Verified)


def test_data_past_their_last_day() -> None:
    assert "data_expired" in orange(r.good_reduced(), at=NOW + timedelta(days=100)).values()


def test_no_revocation_lists() -> None:
    assert orange(r.written(r.reduced(), lists=())) == {"revocation": "no_crl"}


def test_revocation_lists_that_are_old() -> None:
    assert orange(r.written(r.reduced(), lists=x.exercise().stale_crls)) == {"revocation": "crl_stale"}


def test_revocation_lists_that_cannot_be_read() -> None:
    assert orange(r.written_from(r.reduced(), lists=b"-----BEGIN X509 CRL-----\n")) == {"seal": "crl_malformed"}


def test_made_in_the_future() -> None:
    later = NOW + timedelta(days=2)
    assert orange(r.written(r.reduced(made_at=later), made_at=later)) == {"validity": "reduced_in_future"}


def test_made_at_the_end_of_the_calendar() -> None:
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=AMSTERDAM)
    assert orange(r.written_from(r.reduced(made_at=last))) == {"validity": "reduced_in_future"}


def test_made_before_the_document_itself() -> None:
    earlier = x.ISSUED - timedelta(days=2)
    assert red(r.written(r.reduced(made_at=earlier), made_at=earlier)) == {"validity": "reduced_order"}


@pytest.mark.parametrize("made_at", [NOW + timedelta(seconds=60), x.ISSUED - timedelta(seconds=60)])
def test_clocks_may_differ_by_a_minute(made_at: datetime) -> None:
    assert isinstance(verdict(r.written(r.reduced(made_at=made_at), made_at=made_at)), Verified)


def test_more_than_a_minute_is_no_difference_of_clocks() -> None:
    later, earlier = NOW + timedelta(seconds=61), x.ISSUED - timedelta(seconds=61)
    assert orange(r.written(r.reduced(made_at=later), made_at=later)) == {"validity": "reduced_in_future"}
    assert red(r.written(r.reduced(made_at=earlier), made_at=earlier)) == {"validity": "reduced_order"}


def test_whatever_byte_is_changed_green_data_are_those_of_the_source() -> None:
    pdf, whole = r.good_reduced(), verdict(r.good_reduced())
    assert isinstance(whole, Verified)
    for place in range(40, len(pdf), len(pdf) // 60):
        found = verdict(pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :])
        assert not isinstance(found, Verified) or found.content == whole.content
