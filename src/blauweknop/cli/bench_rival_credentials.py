"""What one would use today for credentials. Only the benchmarks come here; the packages are imported when they are asked for."""

import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.cli.bench_credentials import made_up_claims, made_up_values
from blauweknop.cli.bench_mdocs import DOCTYPE
from blauweknop.cli.bench_measuring import Pipeline
from blauweknop.domain.document import JsonValue

if TYPE_CHECKING:
    from jwcrypto.jwk import JWK

__all__ = ["pymdoccbor_issuing", "pymdoccbor_verifying", "sd_jwt_issuing", "sd_jwt_verifying"]


def sd_jwt_issuing() -> Pipeline[Mapping[str, JsonValue]]:
    """Issue by the package sd-jwt.

    Raises:
        ImportError: it is not here.
    """
    issue, numbers = _sd_jwt_issuer(_key()), itertools.count()
    return Pipeline("issue_sd_jwt_rival", lambda: made_up_claims(next(numbers)), issue)


def sd_jwt_verifying() -> Pipeline[str]:
    """Verify by the package sd-jwt what it issued itself.

    Raises:
        ImportError: it is not here.
    """
    from sd_jwt.verifier import SDJWTVerifier

    key, numbers = _key(), itertools.count()
    issue = _sd_jwt_issuer(key)
    return Pipeline(
        "verify_sd_jwt_rival",
        lambda: issue(made_up_claims(next(numbers))),
        lambda sd_jwt: SDJWTVerifier(sd_jwt, lambda _issuer, _header: key).get_verified_payload(),
    )


def pymdoccbor_issuing() -> Pipeline[Mapping[str, int | str]]:
    """Issue by the package pymdoccbor.

    Raises:
        ImportError: it is not here.
    """
    issue, numbers = _pymdoccbor_issuer(), itertools.count()
    return Pipeline("issue_mdoc_rival", lambda: made_up_values(next(numbers)), issue)


def pymdoccbor_verifying() -> Pipeline[bytes]:
    """Verify by the package pymdoccbor what it issued itself.

    Raises:
        ImportError: it is not here.
    """
    from pymdoccbor.mdoc.verifier import MdocCbor

    issue, numbers = _pymdoccbor_issuer(), itertools.count()

    def verify(response: bytes) -> None:
        reader = MdocCbor()
        reader.loads(response)
        if not reader.verify():
            raise ValueError("expected a good mdoc")

    return Pipeline("verify_mdoc_rival", lambda: issue(made_up_values(next(numbers))), verify)


def _key() -> "JWK":
    from jwcrypto.jwk import JWK

    return JWK.generate(kty="EC", crv="P-256")


def _sd_jwt_issuer(key: "JWK") -> Callable[[Mapping[str, JsonValue]], str]:
    from sd_jwt.common import SDObj
    from sd_jwt.issuer import SDJWTIssuer

    def issue(claims: Mapping[str, JsonValue]) -> str:
        concealed = {SDObj(name): value for name, value in claims.items()}
        return str(SDJWTIssuer(concealed, key, add_decoy_claims=True).sd_jwt_issuance)

    return issue


def _pymdoccbor_issuer() -> Callable[[Mapping[str, int | str]], bytes]:
    from pymdoccbor.mdoc.issuer import MdocCborIssuer

    key, holder = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    now, certificate = datetime.now(UTC), _certificate(key)
    validity = {"issuance_date": now.date().isoformat(), "expiry_date": (now + timedelta(days=90)).date().isoformat()}

    def issue(claims: Mapping[str, int | str]) -> bytes:
        issuer = MdocCborIssuer(private_key=_named_key(key), alg="ES256")
        issuer.new({DOCTYPE: {**claims}}, DOCTYPE, validity, devicekeyinfo=_named_key(holder), x509_chain=[certificate])
        return bytes(issuer.dump())

    return issue


def _named_key(key: ec.EllipticCurvePrivateKey) -> dict[str, object]:
    numbers = key.public_key().public_numbers()
    point = {"X": numbers.x.to_bytes(32), "Y": numbers.y.to_bytes(32)}
    return {"KTY": "EC2", "CURVE": "P_256", "ALG": "ES256", "D": key.private_numbers().private_value.to_bytes(32), **point}


def _certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """One that signs itself, for the package asks for one."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "oefening")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
    return builder.sign(key, hashes.SHA256())
