"""Wallets that are not ours (npm @openid4vc/openid4vci, and Credo) fetch every data set in both formats.

What they got is read by PyPI sd-jwt and pymdoccbor, and presented to PyPI polaris-oid4vp, and to our own receiver.
"""

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from jwcrypto.jwk import JWK
from pymdoccbor.mdoc.verifier import MdocCbor
from sd_jwt.verifier import SDJWTVerifier

from blauweknop.document.type_metadata import vct_of
from blauweknop.document.wallet_credentials import CredentialFormat
from blauweknop.register.routes import REGISTER_PATH
from blauweknop.standards import base64url
from blauweknop.standards.jwk import public_jwk
from blauweknop.standards.mdoc import IssuerTrust, openid4vp_transcript, verify_presented
from blauweknop.standards.x509 import read_certificate
from tests.interop.foreign_receiver import ForeignReceiver, foreign_receiver, receiver_keys
from tests.interop.foreign_wallets import Fetched, ForeignWallet, WalletKind, WalletRefused, foreign_wallet
from tests.interop.mdl_judge import judge_mdocs
from tests.interop.our_receiver import OurReceiver, our_receiver, receivers_authority, said_by
from tests.interop.plain_receiver import NONCE, PlainReceiver, plain_receiver
from tests.interop.wallet_scheme import CREDO, OPENID4VC, SLOW, SlowSystem, WalletScheme, running_slow_source, running_wallet_scheme
from tests.unit.document.wallet_samples import FORMS, IDS

pytestmark = pytest.mark.suite("wallets")

COPIES = 2
KINDS: dict[WalletKind, str] = {"openid4vc": OPENID4VC, "credo": CREDO}
every_dataset = pytest.mark.parametrize("dataset_id", IDS)
every_form = pytest.mark.parametrize("form", FORMS)


@pytest.fixture(scope="module")
def scheme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WalletScheme]:
    with running_wallet_scheme(tmp_path_factory.mktemp("scheme")) as running:
        yield running


@pytest.fixture(scope="module")
def keys_of_receiver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("receiver")
    receiver_keys(folder)
    return folder


@pytest.fixture(scope="module", params=[*KINDS])
def kind(request: pytest.FixtureRequest) -> WalletKind:
    found: WalletKind = request.param
    return found


@pytest.fixture(scope="module")
def wallet(kind: WalletKind, scheme: WalletScheme, keys_of_receiver: Path) -> Iterator[ForeignWallet]:
    with started(kind, scheme, keys_of_receiver) as running:
        yield running


@pytest.fixture(scope="module")
def fetched(wallet: ForeignWallet, scheme: WalletScheme) -> Mapping[tuple[str, CredentialFormat], Fetched]:
    """Everything: one offer for each source and format."""
    found: dict[tuple[str, CredentialFormat], Fetched] = {}
    for source in scheme.sources.values():
        names = {item.dataset.id for item in source.configurations.values()} - {name for name, _ in found}
        for form in FORMS if names else ():
            got = wallet.fetch(scheme.offer_elsewhere(source, names, form), copies=COPIES)
            found |= {(source.configurations[item.id].dataset.id, form): item for item in got}
    return found


def started(kind: WalletKind, scheme: WalletScheme, keys_of_receiver: Path) -> Any:
    client_id = KINDS[kind]
    anchor, tls = keys_of_receiver / "anchor.pem", keys_of_receiver / "tls.pem"
    return foreign_wallet(
        kind,
        client_id=client_id,
        redirect_uri=scheme.redirect_uri(client_id),
        maker=scheme.maker,
        trusted=[scheme.root, anchor.read_text("ascii"), receivers_authority(scheme)],
        tls=tls,
        types_at=f"{scheme.base_url}{REGISTER_PATH}/vct",
    )


def issuer_key(scheme: WalletScheme, dataset_id: str) -> ec.EllipticCurvePublicKey:
    key = read_certificate(scheme.source_of(dataset_id).wallet_issuer.signer.certificate).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


def read(text: str, form: CredentialFormat, dataset_id: str, scheme: WalletScheme) -> tuple[dict[str, Any], str]:
    """The claims and the x of the holder's key, when the signature is right."""
    if form == "dc+sd-jwt":
        key = JWK(**public_jwk(issuer_key(scheme, dataset_id)))
        payload = SDJWTVerifier(text, lambda _issuer, _header: key).get_verified_payload()
        always = {"iss", "iat", "nbf", "exp", "vct", "vct#integrity", "cnf", "status"}
        return {name: value for name, value in payload.items() if name not in always}, payload["cnf"]["jwk"]["x"]
    doctype = doctype_of(dataset_id, scheme)
    issued = cbor2.loads(base64url.decode(text))
    reader = MdocCbor()
    reader.loads(cbor2.dumps({"version": "1.0", "documents": [{"docType": doctype, "issuerSigned": issued}], "status": 0}))
    issuing = read_certificate(scheme.source_of(dataset_id).wallet_issuer.signer.chain[0])
    assert reader.verify([issuing]), reader.documents_invalid
    device_key = reader.documents[0].issuersigned.issuer_auth.payload_as_dict["deviceKeyInfo"]["deviceKey"]
    return dict(reader.disclosure_map[doctype]), base64url.encode(device_key[-2])


def expected(scheme: WalletScheme, dataset_id: str, form: CredentialFormat) -> dict[str, Any]:
    said = scheme.said(dataset_id)
    if form == "mso_mdoc":
        return {**said}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}


def asked_of(dataset_id: str, scheme: WalletScheme, keys_of_receiver: Path, *claims: str, anchor: str | None = None) -> Any:
    """A receiver that asks for these claims of a data set."""
    source = scheme.source_of(dataset_id)
    dataset = next(item.dataset for item in source.configurations.values() if item.dataset.id == dataset_id)
    anchors = x509.load_pem_x509_certificates((anchor or scheme.root).encode())
    return foreign_receiver(
        keys_of_receiver, anchors=anchors, vct=vct_of(dataset), claims=claims, status_signer=issuer_key(scheme, dataset_id)
    )


@every_dataset
@every_form
def test_a_wallet_gets_what_the_source_says_once_for_each_of_its_keys(
    fetched: Mapping[tuple[str, CredentialFormat], Fetched], scheme: WalletScheme, dataset_id: str, form: CredentialFormat
) -> None:
    got = fetched[dataset_id, form]
    said = [read(text, form, dataset_id, scheme) for text in got.credentials]
    assert [claims for claims, _ in said] == [expected(scheme, dataset_id, form)] * COPIES
    assert {x for _, x in said} == {holder["x"] for holder in got.holders}


@every_dataset
def test_a_receiver_believes_what_the_wallet_presents(
    wallet: ForeignWallet,
    fetched: Mapping[tuple[str, CredentialFormat], Fetched],
    scheme: WalletScheme,
    keys_of_receiver: Path,
    dataset_id: str,
) -> None:
    assert fetched[dataset_id, "dc+sd-jwt"].credentials
    said = expected(scheme, dataset_id, "dc+sd-jwt")
    asked = said.keys() - {"bsn", "birth_date"}
    with asked_of(dataset_id, scheme, keys_of_receiver, *asked) as receiver:
        assert wallet.present(receiver.request()) == 200
        (verdict,) = receiver.verdicts
    assert verdict.authentic, verdict.reason
    shown = {name: value for name, value in verdict.claims.items() if name in said}
    assert shown == {name: said[name] for name in asked}
    assert (verdict.revocation["state"], verdict.iss_bound) == ("checked", True), verdict.revocation


def test_a_receiver_that_trusts_other_sources_refuses_it(
    wallet: ForeignWallet, fetched: Mapping[tuple[str, CredentialFormat], Fetched], scheme: WalletScheme, keys_of_receiver: Path
) -> None:
    assert fetched
    stranger = (keys_of_receiver / "anchor.pem").read_text("ascii")
    with asked_of("duo.studieschuld", scheme, keys_of_receiver, "given_name", anchor=stranger) as receiver:
        refused(wallet, receiver)
        (verdict,) = receiver.verdicts
    assert (verdict.authentic, verdict.code) == (False, "issuer_key")


@pytest.fixture(scope="module")
def ours(scheme: WalletScheme, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OurReceiver]:
    with our_receiver(scheme, tmp_path_factory.mktemp("ontvanger")) as running:
        yield running


def kept_of(wallet: ForeignWallet, scheme: WalletScheme, ours: OurReceiver, dataset_id: str, form: CredentialFormat) -> None:
    """The wallet answers, the browser comes back, and only then all that was asked is kept as it is, and green."""
    known = expected(scheme, dataset_id, "dc+sd-jwt")
    asked = sorted(known.keys() - {"bsn", "birth_date"})
    link, session = ours.ask(dataset_id, form, asked)
    status, answer = wallet.answer(link)
    assert status == 200
    assert ours.last() is None
    ours.come_back(answer["redirect_uri"], session)
    kept = ours.last()
    assert kept is not None
    assert (kept.colour.value, kept.dataset, dict(said_by(kept, form))) == ("green", dataset_id, {name: known[name] for name in asked})


@every_dataset
def test_we_keep_what_a_wallet_presents(
    wallet: ForeignWallet,
    fetched: Mapping[tuple[str, CredentialFormat], Fetched],
    scheme: WalletScheme,
    ours: OurReceiver,
    dataset_id: str,
) -> None:
    assert fetched[dataset_id, "dc+sd-jwt"].credentials
    kept_of(wallet, scheme, ours, dataset_id, "dc+sd-jwt")


@every_dataset
@pytest.mark.parametrize("kind", ["credo"], indirect=True)
def test_we_keep_the_mobile_document_that_a_wallet_presents(
    wallet: ForeignWallet,
    fetched: Mapping[tuple[str, CredentialFormat], Fetched],
    scheme: WalletScheme,
    ours: OurReceiver,
    dataset_id: str,
) -> None:
    assert fetched[dataset_id, "mso_mdoc"].credentials
    kept_of(wallet, scheme, ours, dataset_id, "mso_mdoc")


@pytest.mark.parametrize("kind", ["openid4vc"], indirect=True)
@pytest.mark.parametrize(
    ("wrong", "reason"), [("aud", "proof_kb_aud"), ("nonce", "proof_kb_nonce"), ("key", "proof_kb_signature"), ("claims", "claims_missing")]
)
def test_we_refuse_what_a_wallet_spoils(
    wallet: ForeignWallet, fetched: Mapping[tuple[str, CredentialFormat], Fetched], ours: OurReceiver, wrong: str, reason: str
) -> None:
    assert fetched
    link, session = ours.ask("duo.studieschuld", "dc+sd-jwt", ["given_name", "family_name"])
    status, answer = wallet.answer(link, wrong=wrong)
    assert (status, answer["error"]) == (400, "invalid_request")
    assert reason in answer["error_description"]
    ours.come_back(answer["redirect_uri"], session)
    assert ours.last() is None


@pytest.fixture(scope="module")
def shown_mdocs(
    wallet: ForeignWallet, fetched: Mapping[tuple[str, CredentialFormat], Fetched], scheme: WalletScheme
) -> tuple[PlainReceiver, dict[str, bytes]]:
    """What it presents of the mobile document of each data set: all but two elements."""
    shown: dict[str, bytes] = {}
    with plain_receiver() as receiver:
        for dataset_id, form in fetched:
            if form == "mso_mdoc":
                asked = scheme.said(dataset_id).keys() - {"bsn", "birth_date"}
                assert wallet.present(receiver.request(doctype_of(dataset_id, scheme), asked)) == 200
                shown[dataset_id] = receiver.answers[-1]
    return receiver, shown


@every_dataset
@pytest.mark.parametrize("kind", ["credo"], indirect=True)
def test_our_check_verifies_the_mobile_document_that_a_wallet_presents(
    shown_mdocs: tuple[PlainReceiver, dict[str, bytes]], scheme: WalletScheme, dataset_id: str
) -> None:
    receiver, shown = shown_mdocs
    root = x509.load_pem_x509_certificate(scheme.root.encode())
    trust = IssuerTrust((root,), lambda certificate, doctype: issuer_key(scheme, dataset_id) == certificate.public_key())
    doctype, session = doctype_of(dataset_id, scheme), transcript(receiver)
    (verified,) = verify_presented(shown[dataset_id], trust=trust, doctypes=[doctype], at=datetime.now(UTC), transcript=session)
    said = {name: value for name, value in expected(scheme, dataset_id, "dc+sd-jwt").items() if name not in {"bsn", "birth_date"}}
    assert verified.claims == {doctype: said}


@pytest.mark.suite("mdl")
@pytest.mark.parametrize("kind", ["credo"], indirect=True)
def test_mdl_verifies_the_mobile_documents_that_a_wallet_presents(
    shown_mdocs: tuple[PlainReceiver, dict[str, bytes]], scheme: WalletScheme
) -> None:
    receiver, shown = shown_mdocs
    session = cbor2.dumps(cbor2.CBORTag(24, transcript(receiver)))
    assert [answer["failed"] for answer in judge_mdocs([*shown.values()], session, scheme.root)] == [[]] * len(IDS)


def transcript(receiver: PlainReceiver) -> bytes:
    return openid4vp_transcript(client_id=receiver.client_id, nonce=NONCE, response_uri=receiver.address, jwk_thumbprint=None)


def doctype_of(dataset_id: str, scheme: WalletScheme) -> str:
    return next(item.dataset.doctype for item in scheme.source_of(dataset_id).configurations.values() if item.dataset.id == dataset_id)


def test_one_wallet_believes_the_signed_metadata_of_each_source_and_the_other_the_plain_ones(
    kind: WalletKind, fetched: Mapping[tuple[str, CredentialFormat], Fetched]
) -> None:
    assert {item.signed_metadata for item in fetched.values()} == {kind == "openid4vc"}


@every_dataset
@pytest.mark.parametrize("kind", ["credo"], indirect=True)
def test_a_wallet_shows_what_it_got_by_the_metadata_of_its_type(
    fetched: Mapping[tuple[str, CredentialFormat], Fetched], scheme: WalletScheme, dataset_id: str
) -> None:
    title = scheme.scheme.catalogue.dataset(dataset_id).title
    assert fetched[dataset_id, "dc+sd-jwt"].shown == (title.nl, title.en)


def refused(wallet: ForeignWallet, receiver: ForeignReceiver) -> None:
    """The receiver answers 400; one wallet passes that on, the other stops."""
    try:
        status = wallet.present(receiver.request())
    except WalletRefused:
        return
    assert status == 400


def test_a_wallet_tells_the_source_that_it_keeps_what_it_got(wallet: ForeignWallet, scheme: WalletScheme) -> None:
    source = scheme.source_of("gem.woz")
    wallet.fetch(scheme.offer_elsewhere(source, ["gem.woz"], "dc+sd-jwt"), copies=1)
    wallet.notify("credential_accepted")


def test_a_wallet_that_gets_the_wrong_digits_gets_nothing(wallet: ForeignWallet, scheme: WalletScheme) -> None:
    offer = scheme.offer_elsewhere(scheme.source_of("gem.woz"), ["gem.woz"], "dc+sd-jwt")
    wrong = f"{(int(offer.tx_code) + 1) % 1_000_000:06}"
    with pytest.raises(WalletRefused, match="invalid_grant"):
        wallet.fetch(offer, copies=1, tx_code=wrong)


@every_form
def test_a_wallet_fetches_for_keys_that_its_maker_vouches_for(wallet: ForeignWallet, scheme: WalletScheme, form: CredentialFormat) -> None:
    # One wallet sends the attestation with a proof of each key, the other in the place of proofs.
    (got,) = wallet.fetch_vouched(scheme.offer_elsewhere(scheme.source_of("gem.woz"), ["gem.woz"], form), copies=2)
    said = [read(text, form, "gem.woz", scheme) for text in got.credentials]
    assert [claims for claims, _ in said] == [expected(scheme, "gem.woz", form)] * 2
    assert {x for _, x in said} == {holder["x"] for holder in got.holders}


@every_form
def test_a_wallet_fetches_what_a_person_put_ready_on_the_page(wallet: ForeignWallet, scheme: WalletScheme, form: CredentialFormat) -> None:
    (got,) = wallet.fetch(scheme.put_ready("gem.brp", form), copies=1)
    claims, _ = read(got.credentials[0], form, "gem.brp", scheme)
    assert claims["source_name"] == scheme.source_of("gem.brp").issuer.source.name


@every_form
def test_a_wallet_fetches_after_a_login_in_the_browser(wallet: ForeignWallet, scheme: WalletScheme, form: CredentialFormat) -> None:
    offer = scheme.offer_here(scheme.source_of("duo.studieschuld"), ["duo.studieschuld"], form)
    back = scheme.consent(wallet.begin(offer), "duo.studieschuld")
    (got,) = wallet.finish(back, copies=2)
    said = [read(text, form, "duo.studieschuld", scheme)[0] for text in got.credentials]
    assert [claims["source_name"] for claims in said] == ["DUO", "DUO"]
    assert "bsn" not in said[0]


@every_form
@pytest.mark.parametrize("kind", ["openid4vc"], indirect=True)
def test_a_wallet_gets_it_encrypted_when_it_asks(wallet: ForeignWallet, scheme: WalletScheme, form: CredentialFormat) -> None:
    offer = scheme.offer_elsewhere(scheme.source_of("gem.brp"), ["gem.brp"], form)
    (got,) = wallet.fetch(offer, copies=2, encrypted=True)
    assert got.encrypted
    assert [read(text, form, "gem.brp", scheme)[0] for text in got.credentials] == [expected(scheme, "gem.brp", form)] * 2


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WalletScheme, SlowSystem]]:
    with running_slow_source(tmp_path_factory.mktemp("slow")) as running:
        yield running


@pytest.fixture(scope="module")
def waiting_wallet(kind: WalletKind, slow: tuple[WalletScheme, SlowSystem], keys_of_receiver: Path) -> Iterator[ForeignWallet]:
    with started(kind, slow[0], keys_of_receiver) as running:
        yield running


def come_back_until_there(wallet: ForeignWallet) -> Fetched:
    """After the system answered: its thread may need a moment on a busy machine."""
    ends = time.monotonic() + 30
    while (got := wallet.again()[0]).later and time.monotonic() < ends:
        time.sleep(0.1)
    return got


@every_form
def test_a_wallet_comes_back_for_what_a_source_has_to_look_up(
    waiting_wallet: ForeignWallet, slow: tuple[WalletScheme, SlowSystem], form: CredentialFormat
) -> None:
    scheme, system = slow
    system.released.clear()
    (first,) = waiting_wallet.fetch(scheme.offer_unasked(scheme.source_of(SLOW), SLOW, form), copies=2)
    (second,) = waiting_wallet.again()
    system.released.set()
    third = come_back_until_there(waiting_wallet)
    assert (first.later, second.later, third.later) == (True, True, False)
    said = {name: value for name, value in expected(scheme, SLOW, form).items() if name != "bsn"}
    assert [read(text, form, SLOW, scheme)[0] for text in third.credentials] == [said] * 2
