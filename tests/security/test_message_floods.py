"""Messages that ask for much: keys and certificates to try, disclosures and digests to put back, lists of sixteen MiB."""

import hashlib
import time
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from blauweknop.checking.check_received import check_received
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Verified
from blauweknop.standards import base64url, jose
from blauweknop.standards.issuer_path import IssuerTrust
from blauweknop.standards.sd_jwt_vc import verify_unbound
from blauweknop.standards.signing import KeySigner
from blauweknop.standards.status_list import read_status_list
from blauweknop.standards.strict_json import canonical_json
from blauweknop.standards.trust_list import read_trust_list
from blauweknop.standards.x509 import build_path
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x
from tests.unit.standards.pki import AUTHORITY, MESSAGES, NOW, Issued, certify

MOST_SECONDS, MOST_BYTES = 3.0, 256 << 20
ROOT = certify("wortel")
VCT = "https://register.example/vct/proef/1"
TRUST = IssuerTrust((ROOT.certificate,), lambda _, __: True)


def within_bounds(work: Callable[[], object]) -> None:
    """In bounded time and memory, with an answer or one of our refusals."""
    started = time.process_time()
    _answered(work)
    assert time.process_time() - started < MOST_SECONDS
    tracemalloc.start()
    try:
        _answered(work)
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()


def _answered(work: Callable[[], object]) -> None:
    try:
        work()
    except BlauweKnopError:
        return


def credential(payload: bytes, *texts: str, signer: KeySigner | None = None) -> str:
    message = jose.sign_jws(payload, signer or certify("bron", ROOT, MESSAGES).signer(), jose.SD_JWT_VC)
    return "~".join((message, *texts, ""))


def verify(text: str) -> object:
    return verify_unbound(text, trust=TRUST, vct_values=[VCT], at=NOW)


def disclosure(number: int, size: int = 8) -> str:
    return base64url.encode(canonical_json(["s", f"n{number}", "x" * size]))


def large_keys() -> str:
    """Eight certificates with large keys, each of which could have issued the one before it."""
    key = rsa.generate_private_key(65537, 4096)
    above = [certify("zelfde", None, AUTHORITY, key=key) for _ in range(7)]
    leaf = certify("zelfde", above[0], MESSAGES)
    return credential(b"{}", signer=leaf.signer(*above))


def look_alikes() -> str:
    """Certificates with one name, each of another key, so that each is tried."""
    above = [certify("zelfde", None, AUTHORITY) for _ in range(7)]
    return credential(b"{}", signer=certify("zelfde", above[0], MESSAGES).signer(*above))


def nested(levels: int) -> str:
    """A disclosure in a disclosure in a disclosure."""
    texts: list[str] = []
    inner: dict[str, object] = {"x": 1}
    for number in range(levels):
        text = base64url.encode(canonical_json(["s", f"n{number}", inner]))  # type: ignore[list-item] # JSON, made here
        texts.append(text)
        inner = {"_sd": [digest_of(text)]}
    return credential(canonical_json({"vct": VCT, **inner}), *texts)  # type: ignore[dict-item] # as above


def digest_of(text: str) -> str:
    return base64url.encode(hashlib.sha256(text.encode()).digest())


def many_digests() -> str:
    digests = ",".join(f'"{number:043d}"' for number in range(7500))
    return credential(f'{{"vct":"{VCT}","_sd":[{digests}]}}'.encode())


FLOODS: dict[str, Callable[[], Callable[[], object]]] = {
    "eight large keys": lambda: _verifying(large_keys()),
    "certificates that look alike": lambda: _verifying(look_alikes()),
    "five hundred disclosures of nothing": lambda: _verifying(credential(b'{"vct":"a"}', *map(disclosure, range(500)))),
    "ten thousand disclosures": lambda: _verifying(credential(b'{"vct":"a"}', *map(disclosure, range(10_000)))),
    "disclosures of half a megabyte": lambda: _verifying(credential(b'{"vct":"a"}', *(disclosure(number, 120_000) for number in range(3)))),
    "digests in digests": lambda: _verifying(nested(32)),
    "digests in five hundred digests": lambda: _verifying(nested(300)),
    "thousands of digests without a disclosure": lambda: _verifying(many_digests()),
    "nothing but tildes": lambda: _verifying("~" * 500_000),
    "nothing but full stops": lambda: _verifying("." * 500_000),
    "a message of gigabytes": lambda: _verifying("A" * 50_000_000),
    "a header of deep lists": lambda: _verifying(base64url.encode(b"[" * 300_000) + ".e30.AA~"),
    "a trust list of sixteen MiB of lists": lambda: _list(b'{"protected":[' + b"[]," * 5_500_000 + b"1]}"),
    "a trust list of sixteen MiB of names": lambda: _list(b"{" + b",".join(b'"%d":1' % number for number in range(1_300_000)) + b"}"),
    "a trust list of sixteen MiB of text": lambda: _list(b'{"protected":"' + b"A" * 15_000_000 + b'","payload":"e30","signature":"AA"}'),
    "a trust list of sixteen MiB of escapes": lambda: _list(
        b'{"protected":"' + b"\\u0041" * 2_700_000 + b'","payload":"e30","signature":"AA"}'
    ),
    "a compact trust list of sixteen MiB": lambda: _list(b"A" * 16_000_000 + b".e30.AA"),
    "a status list that unpacks to much": lambda: _status(zlib.compress(bytes(1 << 28), 9)),
    "a status list of empty blocks": lambda: _status(_empty_blocks()),
    "a status list token of six MiB": lambda: _status_token(b"." * 6_000_000),
}


def _verifying(text: str) -> Callable[[], object]:
    return lambda: verify(text)


def _list(data: bytes) -> Callable[[], object]:
    return lambda: read_trust_list(data, anchors=[x.exercise().anchor], at=x.NOW)


def _status(packed: bytes) -> Callable[[], object]:
    moment = int(NOW.timestamp())
    entries = {"bits": 1, "lst": base64url.encode(packed)}
    claims = {"sub": c.URI, "iat": moment, "exp": moment + 99, "status_list": entries}
    return _status_token(jose.sign_jws(canonical_json(claims), x.exercise().credentials["duo"], jose.STATUS_LIST).encode())  # type: ignore[arg-type] # JSON


def _status_token(token: bytes) -> Callable[[], object]:
    return lambda: read_status_list(token, uri=c.URI, signers=[x.exercise().credentials["duo"].certificate])


def _empty_blocks() -> bytes:
    packer = zlib.compressobj()
    return b"".join([packer.compress(b"a"), *(packer.flush(zlib.Z_FULL_FLUSH) for _ in range(100_000)), packer.flush()])


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_refused_or_read_in_little_time(name: str) -> None:
    within_bounds(FLOODS[name]())


@pytest.mark.parametrize("flood", [large_keys, look_alikes, many_digests], ids=lambda flood: flood.__name__)
def test_a_flood_that_comes_as_a_file_is_never_green(flood: Callable[[], str]) -> None:
    assert not isinstance(check_received(flood().encode(), trust=c.trust(), at=x.NOW, catalogue=x.catalogue()), Verified)


def test_so_many_signatures_are_tried_for_a_path_and_no_more() -> None:
    leaf = certify("zelfde", certify("zelfde", None, AUTHORITY), MESSAGES)
    heap: list[Issued] = [certify("zelfde", None, AUTHORITY) for _ in range(200)]
    started = time.process_time()
    _answered(lambda: build_path(leaf.certificate, [one.certificate for one in heap], [ROOT.certificate], NOW))
    assert time.process_time() - started < 1.0
