import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.identifiers import Oin
from blauweknop.domain.texts import Text
from blauweknop.standards import base64url, jose
from blauweknop.standards.lote import lote_from_json, lote_to_json
from blauweknop.standards.trust_list import (
    ServiceKind,
    ServiceStatus,
    StatusPeriod,
    TrustedEntity,
    TrustList,
    TrustListRefused,
    TrustService,
    read_trust_list,
    write_trust_list,
)
from tests.unit.standards.pki import MESSAGES, NOW, SEAL, Issued, certify

HOUR = timedelta(hours=1)
SIGNER = certify("lijst", None, MESSAGES)
SEAL_CERTIFICATE = certify("zegel", None, SEAL)
OIN = Oin("00000099000000001000")
SERVICE = TrustService(
    ServiceKind.SEAL,
    (SEAL_CERTIFICATE.der,),
    ServiceStatus.WITHDRAWN,
    NOW - HOUR,
    (StatusPeriod(ServiceStatus.GRANTED, NOW - 10 * HOUR),),
)
ENTITY = TrustedEntity(OIN, Text("Dienst", "Service"), "Dienst der Proeven", (SERVICE,), ("proef.schuld",), ("bron.example:8000",))
LIST = TrustList(7, NOW - HOUR, NOW + HOUR, "Proef", (ENTITY,))


def signed(trust_list: TrustList = LIST, signer: Issued = SIGNER) -> bytes:
    return write_trust_list(trust_list, signer=signer.signer(), at=NOW).encode()


def read(data: bytes, *, anchors: tuple[Issued, ...] = (SIGNER,), minimum_sequence: int = 0) -> TrustList:
    return read_trust_list(data, anchors=[anchor.certificate for anchor in anchors], at=NOW, minimum_sequence=minimum_sequence)


def code_of(data: bytes, *, anchors: tuple[Issued, ...] = (SIGNER,), minimum_sequence: int = 0) -> str:
    with pytest.raises(TrustListRefused) as caught:
        read(data, anchors=anchors, minimum_sequence=minimum_sequence)
    return caught.value.code


def flattened(data: bytes, **more: str) -> bytes:
    protected, payload, signature = data.decode().split(".")
    return json.dumps({"protected": protected, "payload": payload, "signature": signature} | more).encode()


def test_a_list_comes_back() -> None:
    assert read(signed()) == LIST


def test_a_list_of_the_exercise_and_where_its_letters_are_checked_come_back() -> None:
    exercise = replace(LIST, check_url="https://controle.example", exercise=True)
    assert read(signed(exercise)) == exercise


def test_a_list_without_an_extension_of_the_scheme_is_no_exercise() -> None:
    whole: Any = lote_to_json(replace(LIST, exercise=True))
    del whole["LoTE"]["ListAndSchemeInformation"]["SchemeExtensions"]
    found = lote_from_json(whole)
    assert (found.check_url, found.exercise) == ("", False)


def test_each_organisation_has_certificates_of_its_own() -> None:
    other = TrustService(ServiceKind.SEAL, (certify("ander zegel", None, SEAL).der,), ServiceStatus.GRANTED, NOW - HOUR)
    both = replace(LIST, entities=(ENTITY, replace(ENTITY, oin=Oin("00000099000000002000"), services=(other,))))
    assert read(signed(both)) == both


def test_a_list_may_live_half_a_year() -> None:
    longest = replace(LIST, next_update=LIST.issued + timedelta(days=184))
    assert read(signed(longest)) == longest


def test_moments_are_written_in_utc_whatever_their_zone() -> None:
    elsewhere = replace(LIST, issued=LIST.issued.astimezone(timezone(timedelta(hours=5))))
    assert lote_to_json(elsewhere) == lote_to_json(LIST)


def test_what_others_read_of_a_list_is_what_the_standard_has() -> None:
    lote: Any = lote_to_json(LIST)["LoTE"]
    address = "https://register.example/lote/bronhouders"
    assert {name: information(lote)[name] for name in ("StatusDeterminationApproach", "HistoricalInformationPeriod")} == {
        "StatusDeterminationApproach": f"{address}/statusdetermination",
        "HistoricalInformationPeriod": 65535,
    }
    assert information(lote)["SchemeTypeCommunityRules"] == [{"lang": "en", "uriValue": f"{address}/schemerules"}]
    assert service(lote)["ServiceInformation"]["ServiceName"] == [{"lang": "en", "value": "seal"}]
    assert service(lote)["ServiceHistory"][0]["ServiceTypeIdentifier"] == f"{address}/service/seal"


def test_a_service_without_a_past_has_no_history() -> None:
    fresh = replace(LIST, entities=(replace(ENTITY, services=(replace(SERVICE, history=()),)),))
    lote: Any = lote_to_json(fresh)["LoTE"]
    assert "ServiceHistory" not in entity(lote)["TrustedEntityServices"][0]
    assert read(signed(fresh)) == fresh


def test_a_flattened_list_is_the_same_list() -> None:
    assert read(flattened(signed())) == LIST


def test_the_second_pinned_certificate_takes_over() -> None:
    successor = certify("lijst 2", None, MESSAGES)
    assert read(signed(signer=successor), anchors=(SIGNER, successor)) == LIST


def test_the_same_sequence_number_may_be_read_again() -> None:
    assert read(signed(), minimum_sequence=7).sequence == 7


def test_a_lower_sequence_number_is_a_rollback() -> None:
    assert code_of(signed(), minimum_sequence=8) == "trust_list_rollback"


def test_a_late_list_is_stale_and_still_read() -> None:
    assert not read(signed()).stale_at(NOW + HOUR)
    assert read(signed()).stale_at(NOW + HOUR + timedelta(seconds=1))


def test_clocks_may_differ_a_minute_and_no_more() -> None:
    for seconds, code in ((0, None), (60, None), (61, "trust_list_malformed")):
        issued = NOW + timedelta(seconds=seconds)
        data = signed(replace(LIST, issued=issued, next_update=issued + HOUR))
        assert (read(data).issued if code is None else code_of(data)) == (code or issued)


def test_a_signer_that_is_not_pinned_is_unknown() -> None:
    assert code_of(signed(), anchors=()) == "trust_list_signer_unknown"


def test_a_certificate_under_a_pinned_authority_has_no_say_over_the_list() -> None:
    authority = certify("wortel")
    assert code_of(signed(signer=certify("lijst", authority, MESSAGES)), anchors=(authority,)) == "trust_list_signer_unknown"


@pytest.mark.parametrize("life", [{"ends": NOW - HOUR}, {"starts": NOW + HOUR}], ids=["ended", "not begun"])
def test_a_pinned_signer_out_of_its_time_is_unknown(life: dict[str, Any]) -> None:
    old = certify("lijst", None, MESSAGES, **life)
    assert code_of(signed(signer=old), anchors=(old,)) == "trust_list_signer_unknown"


@pytest.mark.parametrize(
    ("at", "code"),
    [(datetime.min.replace(tzinfo=UTC), "trust_list_malformed"), (datetime.max.replace(tzinfo=UTC), "trust_list_signer_unknown")],
)
def test_at_the_edges_of_the_calendar_a_list_is_refused_for_what_it_is(at: datetime, code: str) -> None:
    with pytest.raises(TrustListRefused) as caught:
        read_trust_list(signed(), anchors=[SIGNER.certificate], at=at)
    assert caught.value.code == code


def test_a_pinned_certificate_for_seals_signs_no_list() -> None:
    assert code_of(signed(signer=SEAL_CERTIFICATE), anchors=(SEAL_CERTIFICATE,)) == "trust_list_signer_unknown"


def test_the_signer_is_the_operator() -> None:
    other = TrustList(7, LIST.issued, LIST.next_update, "Iemand anders", LIST.entities)
    assert code_of(signed(other)) == "trust_list_signer_unknown"
    assert SIGNER.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value == LIST.operator


def test_a_changed_list_has_a_wrong_signature() -> None:
    protected, payload, signature = signed().decode().split(".")
    changed = base64url.encode(base64url.decode(payload).replace(b"proef.schuld", b"proef.loon"))
    assert code_of(f"{protected}.{changed}.{signature}".encode()) == "trust_list_signature"


def with_header(**header: Any) -> bytes:
    ordinary = jose.parse_jws(signed().decode(), jose.TRUST_LIST).header
    return jose.sign_jws(lote_to_json(LIST), SIGNER.signer(), jose.TRUST_LIST, header=dict(ordinary) | header).encode()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<TrustServiceStatusList/>", id="xml"),
        pytest.param("é".encode(), id="no ascii"),
        pytest.param(b"{}", id="empty object"),
        pytest.param(flattened(signed(), header="x"), id="unsigned header"),
        pytest.param(with_header(typ="JWT"), id="another type"),
        pytest.param(with_header(alg="none"), id="alg none"),
        pytest.param(with_header(crit=["sigD"]), id="critical header"),
        pytest.param(with_header(iat=None), id="no moment"),
        pytest.param(with_header(iat=int(NOW.timestamp()) + 61), id="moment to come"),
        pytest.param(with_header(**{"x5t#S256": "x"}), id="digest of another certificate"),
        pytest.param(with_header(x5c=["AAAA"]), id="broken certificate"),
        pytest.param(signed(TrustList(7, NOW + HOUR, NOW + 2 * HOUR, "Proef", ())), id="issued tomorrow"),
        pytest.param(signed(TrustList(7, NOW, NOW, "Proef", ())), id="no time until the next"),
        pytest.param(signed(TrustList(7, NOW - HOUR, NOW + 184 * 24 * HOUR, "Proef", ())), id="no next for half a year"),
        pytest.param(signed(TrustList(0, NOW - HOUR, NOW, "Proef", ())), id="sequence number zero"),
        pytest.param(signed(TrustList(7, NOW - HOUR, NOW, "", ())), id="no operator"),
        pytest.param(signed(TrustList(7, NOW - HOUR, NOW, "Proef", (ENTITY, ENTITY))), id="organisation twice"),
        pytest.param(
            signed(TrustList(7, NOW - HOUR, NOW, "Proef", (ENTITY, TrustedEntity(Oin("1" * 20), ENTITY.name, "x", (SERVICE,))))),
            id="certificate of two organisations",
        ),
    ],
)
def test_a_list_of_another_form_is_malformed(data: bytes) -> None:
    assert code_of(data) == "trust_list_malformed"


Change = Callable[[Any], None]


def information(lote: Any) -> Any:
    return lote["ListAndSchemeInformation"]


def entity(lote: Any) -> Any:
    return lote["TrustedEntitiesList"][0]


def extension(lote: Any) -> Any:
    return entity(lote)["TrustedEntityInformation"]["TEInformationExtensions"][0]["BlauweKnop"]


def service(lote: Any) -> Any:
    return entity(lote)["TrustedEntityServices"][0]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda lote: lote.pop("ListAndSchemeInformation"), id="no information"),
        pytest.param(lambda lote: lote.update(TrustedEntitiesList={}), id="entities that are no list"),
        pytest.param(lambda lote: lote.update(TrustedEntitiesList=[1]), id="entity that is a number"),
        pytest.param(lambda lote: information(lote).update(LoTEType="https://x"), id="type"),
        pytest.param(lambda lote: information(lote).update(LoTEVersionIdentifier=True), id="version"),
        pytest.param(lambda lote: information(lote).update(SchemeTerritory="BE"), id="territory"),
        pytest.param(lambda lote: information(lote).update(LoTESequenceNumber="7"), id="sequence number as text"),
        pytest.param(lambda lote: information(lote).update(NextUpdate="2026-13-01T00:00:00Z"), id="month thirteen"),
        pytest.param(lambda lote: information(lote).update(NextUpdate="2026-12-01T00:00:00+01:00"), id="another zone"),
        pytest.param(lambda lote: information(lote).update(SchemeOperatorName=[{"lang": "nl"}]), id="operator without name"),
        pytest.param(
            lambda lote: information(lote).update(SchemeOperatorName=[{"lang": "nl", "value": "a\u202eb"}]), id="text turned around"
        ),
        pytest.param(lambda lote: extension(lote).update(oin="1"), id="short oin"),
        pytest.param(lambda lote: extension(lote).update(bsn="1"), id="unknown member of ours"),
        pytest.param(lambda lote: extension(lote).update(datasets=["../x"]), id="data set with a path"),
        pytest.param(lambda lote: extension(lote).update(statusListHosts=["https://x/"]), id="address for a host"),
        pytest.param(lambda lote: extension(lote).update(statusListHosts="x"), id="hosts as text"),
        pytest.param(lambda lote: entity(lote)["TrustedEntityInformation"].update(TEInformationExtensions=[]), id="no extension of ours"),
        pytest.param(lambda lote: entity(lote)["TrustedEntityInformation"].update(TETradeName=[]), id="no name"),
        pytest.param(lambda lote: service(lote)["ServiceInformation"].update(ServiceTypeIdentifier="seal"), id="kind without its address"),
        pytest.param(
            lambda lote: entity(lote)["TrustedEntityServices"].append(service(lote)), id="two services for one use of a certificate"
        ),
        pytest.param(lambda lote: service(lote)["ServiceInformation"].update(ServiceStatus="granted"), id="status without its address"),
        pytest.param(lambda lote: service(lote)["ServiceInformation"].update(ServiceDigitalIdentity={"X509Certificates": []}), id="none"),
        pytest.param(
            lambda lote: service(lote)["ServiceInformation"].update(ServiceDigitalIdentity={"X509Certificates": [{"val": "AAAA"}]}),
            id="broken certificate",
        ),
        pytest.param(
            lambda lote: service(lote)["ServiceHistory"][0].update(StatusStartingTime="2026-11-23T12:00:00Z"), id="history out of order"
        ),
        pytest.param(
            lambda lote: service(lote)["ServiceHistory"][0].update(
                StatusStartingTime=service(lote)["ServiceInformation"]["StatusStartingTime"]
            ),
            id="two statuses from one moment on",
        ),
        pytest.param(
            lambda lote: service(lote)["ServiceInformation"].update(
                ServiceStatus=service(lote)["ServiceInformation"]["ServiceStatus"].replace("register", "REGISTER")
            ),
            id="status of another address of the same length",
        ),
        pytest.param(lambda lote: information(lote).update(SchemeExtensions=[]), id="no extension of the scheme"),
        pytest.param(lambda lote: information(lote)["SchemeExtensions"].append(information(lote)["SchemeExtensions"][0]), id="two of them"),
        pytest.param(lambda lote: information(lote)["SchemeExtensions"][0]["BlauweKnop"].update(exercise=1), id="exercise as a number"),
    ],
)
def test_every_member_is_in_its_form(change: Change) -> None:
    whole: Any = lote_to_json(LIST)
    change(whole["LoTE"])
    header = jose.parse_jws(signed().decode(), jose.TRUST_LIST).header
    data = jose.sign_jws(whole, SIGNER.signer(), jose.TRUST_LIST, header=header).encode()
    assert code_of(data) == "trust_list_malformed"


def test_the_status_of_a_moment_comes_from_the_history() -> None:
    assert SERVICE.status_at(NOW) is ServiceStatus.WITHDRAWN
    assert SERVICE.status_at(NOW - 2 * HOUR) is ServiceStatus.GRANTED
    assert SERVICE.status_at(NOW - 11 * HOUR) is None


MOMENTS = st.integers(-500, 500).map(lambda hours: NOW + hours * HOUR)


@given(st.lists(st.tuples(MOMENTS, st.sampled_from(ServiceStatus)), min_size=1, max_size=6, unique_by=lambda period: period[0]), MOMENTS)
def test_of_any_history_the_last_status_that_began_counts(periods: list[tuple[datetime, ServiceStatus]], moment: datetime) -> None:
    (since, status), *before = sorted(periods, reverse=True)
    service = TrustService(
        ServiceKind.SEAL, (SEAL_CERTIFICATE.der,), status, since, tuple(StatusPeriod(word, begun) for begun, word in before)
    )
    begun_by_then = [period for period in sorted(periods) if period[0] <= moment]
    assert service.status_at(moment) == (begun_by_then[-1][1] if begun_by_then else None)
    listed = replace(ENTITY, services=(service,)).certificates(ServiceKind.SEAL, moment)
    assert bool(listed) == (service.status_at(moment) is ServiceStatus.GRANTED)


@given(
    st.integers(1, (1 << 53) - 1),
    st.integers(1, 184 * 24),
    st.lists(st.sampled_from(["duo.studieschuld", "gem.brp", "uwv.betaaloverzicht"]), unique=True),
    st.lists(st.sampled_from(["duo.example", "uwv.example:8443"]), unique=True),
)
def test_any_list_comes_back(sequence: int, hours: int, datasets: list[str], hosts: list[str]) -> None:
    entity = replace(ENTITY, datasets=tuple(datasets), status_list_hosts=tuple(hosts))
    listed = TrustList(sequence, NOW - HOUR, NOW + (hours - 1) * HOUR, "Proef", (entity,))
    assert read(signed(listed)) == listed


def test_every_changed_character_is_refused() -> None:
    text = signed().decode()
    places = range(0, len(text), 3)
    assert [place for place in places if not refused(text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :])] == []


def refused(text: str) -> bool:
    try:
        read(text.encode())
    except TrustListRefused:
        return True
    return False


def test_only_granted_services_give_certificates() -> None:
    assert LIST.certificates(ServiceKind.SEAL, NOW - 2 * HOUR) == (SEAL_CERTIFICATE.der,)
    assert LIST.certificates(ServiceKind.SEAL, NOW) == ()
    assert LIST.certificates(ServiceKind.CREDENTIAL, NOW - 2 * HOUR) == ()


def test_organisations_are_found_by_number_and_by_certificate() -> None:
    assert LIST.entity(OIN) == ENTITY
    assert LIST.entity(Oin("1" * 20)) is None
    assert LIST.service_of(SEAL_CERTIFICATE.der, ServiceKind.SEAL) == (ENTITY, SERVICE)
    assert LIST.service_of(SEAL_CERTIFICATE.der, ServiceKind.CREDENTIAL) is None


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_refused_with_one_error(data: bytes) -> None:
    assert code_of(data).startswith("trust_list_")


def test_a_certificate_is_known_by_its_bytes_and_not_by_its_name() -> None:
    twin = certify("lijst", None, MESSAGES)
    assert isinstance(twin.certificate, x509.Certificate)
    assert code_of(signed(signer=twin)) == "trust_list_signer_unknown"
