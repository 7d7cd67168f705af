import random
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from blauweknop.catalogue import Catalogue, load_catalogue
from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.checking.concluding import named_in
from blauweknop.document.package_claims import compose_query
from blauweknop.document.type_metadata import vct_of
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.life_event import Need
from blauweknop.register.exercise_keys import ExerciseScheme, new_exercise_scheme
from blauweknop.register.exercise_receiver_keys import (
    REGISTRAR_OIN,
    ExerciseReceivers,
    add_receivers,
    open_receivers,
    published_registrations,
    registration_status,
    write_registrations,
)
from blauweknop.register.exercise_receivers import EXERCISE_RECEIVERS, ExerciseReceiver, exercise_registration, exercise_uses
from blauweknop.register.receivers import RegistrationRefused, register_receiver
from blauweknop.register.trust_publishing import exercise_trust_list, publish_exercise_trust_list
from blauweknop.standards import base64url, jose
from blauweknop.standards.access_certificate import AccessCertificate, read_access_certificate, x509_hash
from blauweknop.standards.jwk import public_jwk
from blauweknop.standards.lote import ServiceKind, TrustList
from blauweknop.standards.registration import RegisteredCredential, Registration, RegistrationProblem, verify_registration
from blauweknop.standards.request_object import AUDIENCE, RequestProblem, VerifiedRequest, verify_request
from blauweknop.standards.request_scope import beyond_registration
from blauweknop.standards.trust_list import read_trust_list
from blauweknop.standards.x509 import key_usages, read_certificate
from tests.unit.standards import receivers as r
from tests.unit.standards.pki import NOW, p256

HERE = "http://127.0.0.1:8000"
BY_NAME = {receiver.id: receiver for receiver in EXERCISE_RECEIVERS}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def scheme(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> ExerciseScheme:
    made = new_exercise_scheme(tmp_path_factory.mktemp("scheme") / "keys", [], now=NOW)
    write_registrations(receivers_of(made), catalogue, now=NOW)
    return made


def receivers_of(scheme: ExerciseScheme) -> ExerciseReceivers:
    found = open_receivers(scheme.folder)
    assert found is not None
    return found


def trust_list(scheme: ExerciseScheme, register_url: str = "https://register.example") -> TrustList:
    listed = exercise_trust_list(scheme, [], {}, sequence=1, check_url="https://x", since=NOW - r.DAY, at=NOW, register_url=register_url)
    published = publish_exercise_trust_list(scheme, listed).encode()
    return read_trust_list(published, anchors=[scheme.trust_anchor()], at=NOW)


def access_of(scheme: ExerciseScheme, receiver: str, at: datetime = NOW) -> AccessCertificate:
    signer = receivers_of(scheme).access(receiver)
    return read_access_certificate((signer.certificate, *signer.chain), trust_list=trust_list(scheme), at=at)


def registration_of(scheme: ExerciseScheme, receiver: str, package: str | None = None, withdrawn: tuple[str, ...] = ()) -> Registration:
    receivers = receivers_of(scheme)
    lists = dict([registration_status(receivers, at=NOW, withdrawn=withdrawn)])
    return verify_registration(receivers.registration(receiver, package), trust_list=trust_list(scheme), status_lists=lists, at=NOW)


@pytest.mark.parametrize("receiver", EXERCISE_RECEIVERS, ids=lambda receiver: receiver.id)
def test_a_receiver_is_the_same_in_its_certificate_and_its_registration(scheme: ExerciseScheme, receiver: ExerciseReceiver) -> None:
    access, registration = access_of(scheme, receiver.id), registration_of(scheme, receiver.id)
    assert access.identifier == registration.identifier == receiver.identifier
    assert (access.name, access.legal_name) == (registration.name, registration.legal_name)
    assert (registration.life_event, registration.intended_use) == (receiver.life_event, receiver.main)


def test_each_package_that_asks_something_certified_is_an_intended_use_of_its_own(scheme: ExerciseScheme) -> None:
    asking = {package.id for package in load_life_events().packages if package.items}
    assert {package.id for _, package in exercise_uses()} == asking
    for receiver, package in exercise_uses():
        registration = registration_of(scheme, receiver.id, package.id)
        assert (registration.intended_use, registration.purpose, registration.retention) == (package.id, package.purpose, package.retention)


def test_every_question_of_a_package_stays_within_its_registration(scheme: ExerciseScheme, catalogue: Catalogue) -> None:
    for receiver, package in exercise_uses():
        optional = [item.id for item in package.items if item.need is Need.OPTIONAL]
        registration = registration_of(scheme, receiver.id, package.id)
        for amount in ("least", "most"):
            query = compose_query(
                package, catalogue, optional=optional, parameters={item.name: getattr(item, amount) for item in package.parameters}
            )
            assert beyond_registration(query, registration) == ()


def test_a_registration_has_the_key_that_documents_without_a_wallet_are_encrypted_to(scheme: ExerciseScheme) -> None:
    receivers = receivers_of(scheme)
    assert registration_of(scheme, "schuldhulp").link_key == receivers.link_key("schuldhulp")
    assert receivers.link_key("schuldhulp") != receivers.link_key("hypotheek")


def test_the_register_publishes_each_registration(scheme: ExerciseScheme) -> None:
    published = published_registrations(receivers_of(scheme))
    assert receivers_of(scheme).registration("huur") in published
    assert len(published) == len(exercise_uses())


def test_only_the_municipality_may_ask_for_the_number(scheme: ExerciseScheme) -> None:
    uses = [(receiver.id, registration_of(scheme, receiver.id, package.id)) for receiver, package in exercise_uses()]
    assert {name for name, registration in uses if registration.bsn_law is not None} == {"schuldhulp"}
    assert {name for name, registration in uses if "bsn" in str(registration.credentials)} == {"schuldhulp"}


def test_a_package_with_the_number_is_not_registered_for_who_may_not_have_it(catalogue: Catalogue) -> None:
    package = load_life_events().package("schuldhulp.intake")
    with pytest.raises(BlauweKnopError, match="burgerservicenummer"):
        exercise_registration(BY_NAME["hypotheek"], package, catalogue, status_uri=HERE, now=NOW)


def test_who_rents_out_homes_may_ask_for_conclusions_and_never_for_amounts(scheme: ExerciseScheme, catalogue: Catalogue) -> None:
    person, income = (one for one in registration_of(scheme, "huur").credentials if one.format == "dc+sd-jwt")
    assert (person.types, income.types) == (
        (vct_of(catalogue.dataset("gem.brp")),),
        (vct_of(catalogue.dataset("uwv.verzekeringsbericht")),),
    )
    assert {("income_at_least_40000",), ("income_bracket",)} <= set(income.claims)
    assert not {("sv_loon_jaar",), ("laatste_sv_loon",)} & set(income.claims)
    assert ("birth_date",) not in person.claims


def test_a_withdrawn_receiver_may_not_ask_any_more(scheme: ExerciseScheme) -> None:
    with pytest.raises(RegistrationProblem) as caught:
        registration_of(scheme, "huur", withdrawn=("huur",))
    assert caught.value.code == "registration_withdrawn"
    assert registration_of(scheme, "hypotheek", withdrawn=("huur",)).name == BY_NAME["hypotheek"].name


def test_the_registrar_is_on_the_list_for_receivers_and_for_nothing_else(scheme: ExerciseScheme) -> None:
    entity = trust_list(scheme).entity(REGISTRAR_OIN)
    assert entity is not None
    assert {service.kind for service in entity.services} == {ServiceKind.RECEIVER_ACCESS, ServiceKind.RECEIVER_REGISTRATION}
    assert entity.datasets == ()


def test_the_seal_of_a_receiver_names_it_and_is_on_no_list(scheme: ExerciseScheme) -> None:
    receivers = open_receivers(scheme.folder)
    assert receivers is not None
    seal = receivers.seal("schuldhulp").certificate
    assert named_in(read_certificate(seal)) == named_in(read_certificate(receivers.access("schuldhulp").certificate))
    assert key_usages(read_certificate(seal)) == {"content_commitment"}
    assert not any(seal in service.certificates for entity in trust_list(scheme).entities for service in entity.services)


def test_a_scheme_from_before_there_were_receivers_gets_them(tmp_path: Path) -> None:
    assert open_receivers(tmp_path) is None
    made = add_receivers(tmp_path, now=NOW)
    assert open_receivers(tmp_path) == made
    assert made.access("huur").certificate


def test_keys_that_are_there_stay(tmp_path: Path) -> None:
    before = add_receivers(tmp_path, now=NOW)
    kept = [before.access("huur").certificate, before.registrar().certificate]
    add_receivers(tmp_path, now=NOW + 300 * r.DAY)
    assert kept == [before.access("huur").certificate, before.registrar().certificate]


def test_an_access_certificate_is_renewed_in_its_last_month_with_the_same_key(tmp_path: Path) -> None:
    receivers = add_receivers(tmp_path, now=NOW)
    old = read_certificate(receivers.access("huur").certificate)
    add_receivers(tmp_path, now=NOW + 340 * r.DAY)
    new = read_certificate(receivers.access("huur").certificate)
    assert new.not_valid_after_utc - old.not_valid_after_utc == timedelta(days=340)
    assert new.public_key() == old.public_key()


def test_the_register_does_not_sign_a_right_to_the_number_without_a_law(scheme: ExerciseScheme) -> None:
    registrar = receivers_of(scheme).registrar()
    claims = (RegisteredCredential("dc+sd-jwt", (r.DEBT,), (("subject", "bsn"),)),)
    with pytest.raises(RegistrationRefused, match="article of law"):
        register_receiver(replace(r.REGISTRATION, credentials=claims), registrar)
    assert register_receiver(replace(r.REGISTRATION, credentials=claims, bsn_law="Wabb artikel 10"), registrar)


def test_the_register_signs_for_twelve_months_at_most(scheme: ExerciseScheme) -> None:
    registrar = receivers_of(scheme).registrar()
    for ends in (r.REGISTRATION.issued_at + 367 * r.DAY, r.REGISTRATION.issued_at):
        with pytest.raises(RegistrationRefused, match="twelve months"):
            register_receiver(replace(r.REGISTRATION, expires_at=ends), registrar)


def ask(scheme: ExerciseScheme, receiver: str, *paths: list[str], vct: str) -> VerifiedRequest:
    receivers, signer = receivers_of(scheme), receivers_of(scheme).access(receiver)
    chance = random.Random(7)
    client = x509_hash(signer.certificate)
    asked = r.Question().members(
        client_id=client,
        aud=AUDIENCE,
        nonce=base64url.encode(chance.randbytes(16)),
        client_metadata={"jwks": {"keys": [public_jwk(p256().public_key())]}},
        verifier_info=[{"format": "registration_cert", "data": base64url.encode(receivers.registration(receiver).encode())}],
        dcql_query={
            "credentials": [{"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": [vct]}, "claims": [{"path": path} for path in paths]}]
        },
    )
    lists = dict([registration_status(receivers, at=NOW)])
    text = jose.sign_jws(asked, signer, jose.REQUEST_OBJECT)
    return verify_request(text, client_id=client, wallet_nonce=r.WALLET_NONCE, trust_list=trust_list(scheme), status_lists=lists, at=NOW)


def test_a_receiver_asks_within_its_registration(scheme: ExerciseScheme, catalogue: Catalogue) -> None:
    vct = vct_of(catalogue.dataset("duo.studieschuld"))
    found = ask(scheme, "hypotheek", ["wettelijk_maandbedrag"], ["given_name"], vct=vct)
    assert (found.receiver.name, found.registration.retention) == (BY_NAME["hypotheek"].name, "P1Y")


@pytest.mark.parametrize(
    ("receiver", "dataset", "path", "code"),
    [
        ("hypotheek", "duo.studieschuld", ["achterstand"], "request_claim"),
        ("hypotheek", "duo.studieschuld", ["bsn"], "request_claim"),
        ("hypotheek", "cak.wanbetalers", ["aangemeld"], "request_data_set"),
        ("huur", "duo.studieschuld", ["achterstand"], "request_data_set"),
        ("huur", "gem.brp", ["geboorteland"], "request_claim"),
        ("huur", "uwv.verzekeringsbericht", ["sv_loon_jaar"], "request_claim"),
    ],
)
def test_a_receiver_that_asks_for_more_is_refused(
    scheme: ExerciseScheme, catalogue: Catalogue, receiver: str, dataset: str, path: list[str], code: str
) -> None:
    with pytest.raises(RequestProblem) as caught:
        ask(scheme, receiver, path, vct=vct_of(catalogue.dataset(dataset)))
    assert caught.value.code == code


def test_a_receiver_that_asks_for_the_document_where_it_may_only_have_the_summary_is_refused(
    scheme: ExerciseScheme, catalogue: Catalogue
) -> None:
    with pytest.raises(RequestProblem) as caught:
        ask(scheme, "huur", ["data", "partners"], vct=catalogue.dataset("gem.brp").type_uri)
    assert caught.value.code == "request_data_set"


def test_the_municipality_asks_for_the_number(scheme: ExerciseScheme, catalogue: Catalogue) -> None:
    found = ask(scheme, "schuldhulp", ["subject", "bsn"], vct=catalogue.dataset("gem.brp").type_uri)
    assert found.registration.bsn_law is not None


def test_an_exercise_on_this_machine_has_its_status_list_here(scheme: ExerciseScheme, catalogue: Catalogue, tmp_path: Path) -> None:
    receivers = add_receivers(tmp_path, now=NOW)
    write_registrations(receivers, catalogue, register_url=HERE, now=NOW)
    uri, token = registration_status(receivers, register_url=HERE, at=NOW)
    assert uri.startswith(HERE)
    made = new_exercise_scheme(tmp_path / "scheme", [], now=NOW)
    for file in ("authority.pem", "registrar.pem", "registrar-key.pem"):
        (made.folder / "receivers" / file).write_bytes((receivers.folder / file).read_bytes())
    listed = trust_list(made, HERE)
    assert verify_registration(receivers.registration("huur"), trust_list=listed, status_lists={uri: token}, at=NOW).name
    with pytest.raises(RegistrationProblem):
        verify_registration(receivers.registration("huur"), trust_list=replace(listed, exercise=False), status_lists={uri: token}, at=NOW)
