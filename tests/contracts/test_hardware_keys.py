"""Keys in hardware, on a real PKCS #11 module."""

import ctypes
import hashlib
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from blauweknop.adapters.keys import KeyProblem, load_certificates, load_signer
from blauweknop.adapters.pkcs11_uri import HardwareKey, KeyAddress
from blauweknop.assembly.issuers import status_list_publisher
from blauweknop.assembly.readiness import signs
from blauweknop.cli.doctor_findings import State, finding_lines
from blauweknop.cli.doctor_keys import examine_keys
from blauweknop.document.wallet_credentials import CredentialFormat
from blauweknop.domain.identifiers import Bsn
from blauweknop.register.exercise_keys import ExerciseScheme
from blauweknop.standards.pades import parse_cms, seal_digest, verify_cms
from blauweknop.standards.signing import Signer
from blauweknop.standards.status_list import read_status_list
from tests.sealed_documents import document_of, judged, scheme_with
from tests.source_at_work import SourceAtWork, command
from tests.suites import softhsm_library
from tests.unit.cli.installation import NOW, exit_of, install, rewrite, settings_of
from tests.unit.document.wallet_samples import FORMS
from tests.unit.issuer.source_world import SOURCE

pytestmark = pytest.mark.suite("softhsm")

DIGEST = hashlib.sha256(b"document").digest()
PIN = "123456"
KINDS = ("elliptic", "modular")


@dataclass(frozen=True)
class Hardware:
    """Two tokens: one with every key, one on which PINs are spoilt."""

    folder: Path
    module: Path
    schemes: dict[str, ExerciseScheme]

    def key(self, label: str, *, place: str = "proef", pin: str = PIN, sessions: int = 4) -> HardwareKey:
        pin_file = self.folder / f"pin-{pin}"
        pin_file.write_text(pin + "\n", "utf-8")
        return HardwareKey(KeyAddress(place, object=label), self.module, pin_file, sessions=sessions)

    def certificate(self, kind: str) -> Path:
        return self.schemes[kind].folder / "sources" / SOURCE.id / "seal.pem"

    def signer(self, kind: str, *, sessions: int = 4) -> Signer:
        return load_signer(self.key(kind, sessions=sessions), self.certificate(kind))


@pytest.fixture(scope="module")
def hardware(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hardware]:
    folder = tmp_path_factory.mktemp("hardware")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n", "utf-8")
    module = softhsm_library()
    assert module is not None
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SOFTHSM2_CONF", str(configuration))
        made = Hardware(
            folder,
            module,
            {
                "elliptic": scheme_with(folder / "elliptic", seal="P-256", rest="P-256"),
                "modular": scheme_with(folder / "modular", seal="RSA-3072", rest="RSA-3072"),
            },
        )
        for token in ("proef", "bederf", "later"):
            _softhsm("--init-token", "--free", "--label", token, "--so-pin", "0000000000", "--pin", PIN)
        for number, kind in enumerate(KINDS, 1):
            key = made.certificate(kind).with_name("seal-key.pem")
            _softhsm("--import", str(key), "--token", "proef", "--label", kind, "--id", f"0{number}", "--pin", PIN)
        credential = made.certificate("elliptic").with_name("credential-key.pem")
        _softhsm("--import", str(credential), "--token", "proef", "--label", "attesten", "--id", "03", "--pin", PIN)
        other = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "other.pem").write_bytes(other)
        for identity in ("04", "05"):
            _softhsm("--import", str(folder / "other.pem"), "--token", "proef", "--label", "tweeling", "--id", identity, "--pin", PIN)
        _softhsm("--import", str(folder / "other.pem"), "--token", "bederf", "--label", "elliptic", "--id", "01", "--pin", PIN)
        yield made


def _softhsm(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_in_hardware_signs_as_its_certificate_says(hardware: Hardware, kind: str) -> None:
    assert signs([hardware.signer(kind)])


@pytest.mark.parametrize("kind", KINDS)
def test_a_seal_of_a_key_in_hardware_verifies(hardware: Hardware, kind: str) -> None:
    scheme = hardware.schemes[kind]
    seal = seal_digest(DIGEST, signer=hardware.signer(kind), revocation=scheme.crls(), time_stamp=None)
    own = load_certificates(hardware.certificate(kind))[0]
    assert verify_cms(parse_cms(seal), DIGEST).certificate == own


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_of_keys_in_hardware_is_good_to_everybody(hardware: Hardware, kind: str) -> None:
    scheme = hardware.schemes[kind]
    issuing = hardware.certificate(kind)  # the issuing authority stands after the leaf
    credential = (
        load_signer(hardware.key("attesten"), hardware.certificate("elliptic").with_name("credential.pem"), [issuing])
        if kind == "elliptic"
        else scheme.credential_signer(SOURCE.id)
    )
    signer = load_signer(hardware.key(kind), hardware.certificate(kind), [issuing])
    pdf = document_of(scheme, seal_signer=signer, credential_signer=credential)
    assert judged(pdf, scheme) == []


@pytest.mark.parametrize("kind", KINDS)
def test_threads_sign_at_the_same_time(hardware: Hardware, kind: str) -> None:
    signer = hardware.signer(kind, sessions=3)
    digests = [hashlib.sha256(bytes([number])).digest() for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(signer.sign, digests))
    own = load_certificates(hardware.certificate(kind))[0]
    for digest, signature in zip(digests, signatures, strict=True):
        _verify(own, signature, digest)


@pytest.mark.parametrize("kind", KINDS)
def test_a_session_that_was_lost_is_opened_again(hardware: Hardware, kind: str) -> None:
    signer = hardware.signer(kind)
    pkcs11.lib(str(hardware.module)).reinitialize()
    assert signs([signer])
    assert signs([signer])


def test_a_login_that_was_lost_is_made_again(hardware: Hardware) -> None:
    signer = hardware.signer("elliptic")
    token = pkcs11.lib(str(hardware.module)).get_token(token_label="proef")
    assert ctypes.CDLL(str(hardware.module)).C_CloseAllSessions(ctypes.c_ulong(token.slot.slot_id)) == 0
    assert signs([signer])


def test_a_forked_process_signs_with_sessions_of_its_own(hardware: Hardware) -> None:
    signer = hardware.signer("elliptic")
    child = os.fork()
    if child == 0:
        os._exit(0 if signs([signer]) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert signs([signer])


def test_a_certificate_of_another_key_is_refused(hardware: Hardware) -> None:
    key = replace(hardware.key("tweeling"), address=KeyAddress("proef", object="tweeling", id=b"\x04"))
    with pytest.raises(KeyProblem, match="does not belong to the key proef/tweeling"):
        load_signer(key, hardware.certificate("elliptic"))


def test_two_keys_of_one_name_are_refused(hardware: Hardware) -> None:
    with pytest.raises(KeyProblem, match="more than one private key"):
        load_signer(hardware.key("tweeling"), hardware.certificate("elliptic"))


def test_a_key_that_is_not_there_is_refused(hardware: Hardware) -> None:
    with pytest.raises(KeyProblem, match="has no private key proef/weg"):
        load_signer(hardware.key("weg"), hardware.certificate("elliptic"))


def test_a_key_of_another_kind_than_its_certificate_is_refused(hardware: Hardware) -> None:
    with pytest.raises(KeyProblem, match="does not sign with the key"):
        load_signer(hardware.key("elliptic", sessions=1), hardware.certificate("modular"))


def test_a_key_that_may_not_sign_is_refused(hardware: Hardware) -> None:
    hardware.signer("elliptic")
    token = pkcs11.lib(str(hardware.module)).get_token(token_label="proef")
    with token.open(rw=True) as session:
        curve = session.create_domain_parameters(
            pkcs11.KeyType.EC, {pkcs11.Attribute.EC_PARAMS: pkcs11.util.ec.encode_named_curve_parameters("secp256r1")}, local=True
        )
        curve.generate_keypair(store=True, label="stil", capabilities=pkcs11.MechanismFlag.DERIVE)
    with pytest.raises(KeyProblem, match="may not sign"):
        load_signer(hardware.key("stil"), hardware.certificate("elliptic"))


def test_a_token_that_is_not_there_is_refused(hardware: Hardware) -> None:
    with pytest.raises(KeyProblem, match="there is no token for weg/elliptic"):
        load_signer(hardware.key("elliptic", place="weg"), hardware.certificate("elliptic"))


def test_a_module_that_is_not_there_is_refused(hardware: Hardware) -> None:
    key = replace(hardware.key("elliptic"), module=hardware.folder / "none.so")
    with pytest.raises(KeyProblem, match=r"none\.so is not there"):
        load_signer(key, hardware.certificate("elliptic"))


def test_a_module_that_is_no_module_is_refused(hardware: Hardware) -> None:
    with pytest.raises(KeyProblem, match="no PKCS #11 module"):
        load_signer(replace(hardware.key("elliptic"), module=hardware.certificate("elliptic")), hardware.certificate("elliptic"))


def test_a_pin_file_that_is_empty_is_refused(hardware: Hardware) -> None:
    with pytest.raises(KeyProblem, match="holds no PIN"):
        load_signer(hardware.key("elliptic", place="bederf", pin=""), hardware.certificate("elliptic"))


def test_a_wrong_pin_is_tried_once_in_the_life_of_a_process(hardware: Hardware) -> None:
    with pytest.raises(KeyProblem, match="refuses the PIN") as first:
        load_signer(hardware.key("elliptic", place="bederf", pin="99999999"), hardware.certificate("elliptic"))
    assert "99999999" not in str(first.value)
    with pytest.raises(KeyProblem, match="not asked again"):
        load_signer(hardware.key("elliptic", place="bederf", pin=PIN), hardware.certificate("elliptic"))


def test_a_key_stays_out_of_repr_and_messages(hardware: Hardware) -> None:
    signer = hardware.signer("elliptic")
    assert PIN not in repr(signer)
    assert "pin-" not in repr(signer)


def _verify(certificate: x509.Certificate, signature: bytes, digest: bytes) -> None:
    public, prehashed = certificate.public_key(), Prehashed(hashes.SHA256())
    if isinstance(public, ec.EllipticCurvePublicKey):
        public.verify(signature, digest, ec.ECDSA(prehashed))
    else:
        assert isinstance(public, rsa.RSAPublicKey)
        public.verify(signature, digest, padding.PKCS1v15(), prehashed)


def test_the_doctor_knows_keys_in_hardware(hardware: Hardware, tmp_path: Path) -> None:
    settings = settings_of(install(tmp_path))
    duo = settings.sources["duo"]
    assert isinstance(duo.seal.key, Path)
    _softhsm("--import", str(duo.seal.key), "--token", "later", "--label", "duo", "--id", "09", "--pin", PIN)
    restart_module(hardware)
    key = hardware.key("duo", place="later")
    found = list(examine_keys(replace(duo, seal=replace(duo.seal, key=key)), None, now=NOW, language="nl"))
    lines = [line for finding in found for line in finding_lines(finding, "nl")]
    assert any("de sleutel voor seal zit in hardware: later/duo" in line for line in lines)
    assert not [finding for finding in found if finding.state is State.FAIL]


def test_the_doctor_says_what_is_wrong_with_a_key_in_hardware(hardware: Hardware, tmp_path: Path) -> None:
    duo = settings_of(install(tmp_path)).sources["duo"]
    broken = replace(duo, seal=replace(duo.seal, key=hardware.key("weg")))
    found = list(examine_keys(broken, None, now=NOW, language="nl"))
    assert [finding.code for finding in found if finding.state is State.FAIL] == ["key"]


def test_a_list_of_keys_says_which_are_in_hardware(hardware: Hardware, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = install(tmp_path)
    rewrite(config, 'key = "keys/sources/duo/seal-key.pem"', _in_hardware(hardware))
    assert exit_of(["keys", "list", str(config.parent / "keys")]) == 0
    shown = capsys.readouterr().out
    assert "proef/elliptic" in "".join(shown.split())
    assert "file,P-256" in "".join(shown.split())


@pytest.mark.parametrize("form", FORMS)
def test_batches_for_wallets_and_status_lists_are_signed_in_hardware(hardware: Hardware, tmp_path: Path, form: CredentialFormat) -> None:
    source = SourceAtWork.begin(tmp_path)
    credential_in_hardware(hardware, source, label=form)
    made = source.give_out(form, Bsn.parse("999990019"), copies=10)
    verdict, own = source.verdict(made), load_certificates(source.keys / "credential.pem")[0].public_bytes(Encoding.DER)
    assert verdict.colour == "green"
    uri, signer = str(verdict.facts.status_uri), source.credential_signer()
    with source.database() as engine:
        token = status_list_publisher(engine, "duo", signer)(uri.rpartition("/")[2])
    assert token is not None
    assert [read_status_list(each, uri=uri, signers=[own]).signer for each in (token.jwt, token.cwt)] == [own, own]


def test_a_withdrawal_is_published_by_a_key_in_hardware(hardware: Hardware, tmp_path: Path) -> None:
    source = SourceAtWork.begin(tmp_path)
    credential_in_hardware(hardware, source, label="intrekking")
    made = source.give_out("dc+sd-jwt", Bsn.parse("999990019"))
    (tmp_path / "persons").write_text("999990019")
    command("withdraw", "--persons-from", tmp_path / "persons", "--source", "duo", "--yes", "--config", source.config)
    assert source.check(made) == "red status withdrawn"


def credential_in_hardware(hardware: Hardware, source: SourceAtWork, *, label: str) -> None:
    """Bring the credential key of DUO into a token, and leave no file of it."""
    file = source.keys / "credential-key.pem"
    _softhsm("--import", str(file), "--token", "later", "--label", label, "--id", label.encode().hex(), "--pin", PIN)
    restart_module(hardware)
    file.unlink()
    key = hardware.key(label, place="later")
    lines = f'key = "pkcs11:token=later;object={quote(label)}"\nmodule = "{key.module}"\npin_file = "{key.pin_file}"'
    rewrite(source.config, 'key = "keys/sources/duo/credential-key.pem"', lines)


def restart_module(hardware: Hardware) -> None:
    """A module sees keys of other programs when it starts."""
    pkcs11.lib(str(hardware.module)).reinitialize()


def _in_hardware(hardware: Hardware) -> str:
    key = hardware.key("elliptic")
    return f'key = "pkcs11:token=proef;object=elliptic"\nmodule = "{hardware.module}"\npin_file = "{key.pin_file}"'
