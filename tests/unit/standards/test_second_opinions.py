import asyncio
import hashlib
from datetime import datetime

import pytest
from asn1crypto import cms as asn1_cms
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import rsa
from pyhanko.sign.validation import async_validate_detached_cms
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import StandardCMSSignatureStatus
from pyhanko_certvalidator import ValidationContext

from blauweknop.standards.pades import seal_digest
from blauweknop.standards.time_stamp_authority import TimeStampAuthority
from blauweknop.standards.timestamp import stamper
from tests.unit.standards.pki import NOW, SEAL, STAMPING, Key, certify, p256, revocation_list

DOCUMENT = b"een document"
ROOT = certify("wortel")
MIDDLE = certify("uitgever", ROOT)
LISTS = [revocation_list(MIDDLE), revocation_list(ROOT)]
STAMPER = certify("tijdstempel", MIDDLE, STAMPING)
AUTHORITY = TimeStampAuthority(STAMPER.signer(MIDDLE), policy="1.2.3", now=lambda: NOW, serial=lambda: 2**63 + 1)


def opinion(seal: bytes) -> StandardCMSSignatureStatus:
    def context(moment: datetime = NOW) -> ValidationContext:
        return ValidationContext(
            trust_roots=[asn1_x509.Certificate.load(ROOT.der)],
            crls=LISTS,
            allow_fetching=False,
            revocation_mode="hard-fail",
            moment=moment,
        )

    content = asn1_cms.ContentInfo.load(seal)["content"]
    usage = KeyUsageConstraints(key_usage={"non_repudiation"})
    return asyncio.run(
        async_validate_detached_cms(
            DOCUMENT, content, signer_validation_context=context(), ts_validation_context=context(), key_usage_settings=usage
        )
    )


@pytest.mark.parametrize("signer", [p256(), rsa.generate_private_key(65537, 3072)], ids=["P-256", "RSA-3072"])
def test_pyhanko_accepts_seal_and_time_stamp(signer: Key) -> None:
    issued = certify("zegel", MIDDLE, SEAL, key=signer)
    numbers = stamper(AUTHORITY.respond, lambda: 2**64 - 1)
    seal = seal_digest(hashlib.sha256(DOCUMENT).digest(), signer=issued.signer(MIDDLE), revocation=LISTS, time_stamp=numbers)
    status = opinion(seal)
    assert status.bottom_line, status.pretty_print_details()
    stamp = status.timestamp_validity
    assert stamp is not None
    assert (stamp.valid, stamp.trusted, stamp.timestamp) == (True, True, NOW)
