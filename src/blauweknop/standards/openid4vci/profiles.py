"""In which ways wallets differ: switches for standards that still move (PROTOCOL 13)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = ["PROFILES", "Profile", "ProfileRules"]

Profile = Literal["haip10", "etsi", "nlwallet"]


@dataclass(frozen=True, slots=True)
class ProfileRules:
    """What an issuer does otherwise.

    `offer_schemes` open a wallet, the first one first. With `first_signs` one proof, by the first attested key, stands for all of them
    (TS 119 472-3). With `issuer_info` the metadata say how the issuer is registered.
    """

    offer_schemes: tuple[str, ...]
    first_signs: bool = False
    issuer_info: bool = False


PROFILES: Mapping[Profile, ProfileRules] = MappingProxyType(
    {
        "haip10": ProfileRules(("haip-vci://", "openid-credential-offer://")),
        "etsi": ProfileRules(("eu-eaa-offer://",), first_signs=True, issuer_info=True),
        "nlwallet": ProfileRules(("openid-credential-offer://",)),
    }
)
"""HAIP 1.0 unless said otherwise."""
