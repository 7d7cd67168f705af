"""What one would use today for credentials. Only the benchmarks come here; the packages are imported when they are asked for."""

import itertools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from blauweknop.cli.bench_credentials import made_up_claims
from blauweknop.cli.bench_measuring import Pipeline
from blauweknop.domain.document import JsonValue

if TYPE_CHECKING:
    from jwcrypto.jwk import JWK

__all__ = ["sd_jwt_issuing", "sd_jwt_verifying"]


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
