"""What a wallet shows beside the claims of a credential: SD-JWT VC type metadata, made from the summary of a data set (PROTOCOL 3).

The register publishes these bytes at the address that is the type (`vct`), and every credential names their hash. Whoever checks a
credential has them in the program: they are never fetched while verifying.
"""

import base64
import hashlib
import json
from functools import lru_cache
from importlib.resources import files

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import JsonValue
from blauweknop.domain.summary import Claim, Summary

__all__ = ["BACKGROUND", "FOREGROUND", "VCT_BASE", "picture_address", "published_type", "type_integrity", "type_name", "vct_of"]

VCT_BASE = "https://register.blauweknop.example/vct"
_LANGUAGES = ("nl", "en")
BACKGROUND, FOREGROUND = "#0b4a8f", "#ffffff"  # those of the mark; contrast 8.8 to 1


def type_name(dataset: Dataset) -> str:
    """`duo-studieschuld`, as it stands in the address."""
    return dataset.id.replace(".", "-")


def vct_of(dataset: Dataset) -> str:
    """The type of wallet credentials of this data set: where the register publishes its metadata."""
    return f"{VCT_BASE}/{type_name(dataset)}/{dataset.version}"


@lru_cache(maxsize=1)
def picture_address() -> str:
    """The mark as a `data:` address: nobody has to fetch it, so nobody learns who looks at a credential.

    A PNG, for the metadata of issuers: @openid4vc 0.4.6, the base of more than one wallet, refuses all of them when a logo is an SVG.
    """
    return _address("image/png", _layout("mark.png"))


@lru_cache(maxsize=128)
def published_type(summary: Summary) -> bytes:
    """The type metadata (draft-ietf-oauth-sd-jwt-vc section 4), byte for byte as the register gives it."""
    return json.dumps(_metadata(summary), ensure_ascii=False, indent=2).encode("utf-8")


@lru_cache(maxsize=128)
def type_integrity(summary: Summary) -> str:
    """`vct#integrity` of a credential: the hash of the published bytes (W3C Subresource Integrity section 3.5)."""
    return _integrity(published_type(summary))


def _metadata(summary: Summary) -> dict[str, JsonValue]:
    dataset = summary.dataset
    return {
        "vct": vct_of(dataset),
        "name": dataset.title.nl,
        "description": dataset.about.nl,
        "display": [
            {
                "locale": language,
                "name": dataset.title.in_language(language),
                "description": dataset.about.in_language(language),
                "rendering": {"simple": {"logo": _logo(language), "background_color": BACKGROUND, "text_color": FOREGROUND}},
            }
            for language in _LANGUAGES
        ],
        "claims": [_claim(claim) for claim in summary.claims],
    }


def _claim(claim: Claim) -> JsonValue:
    return {
        "path": [claim.name],
        "display": [
            {"locale": language, "label": claim.label.in_language(language), "description": claim.description.in_language(language)}
            for language in _LANGUAGES
        ],
        "mandatory": claim.always,
        "sd": "always",
    }


def _logo(language: str) -> JsonValue:
    image = _layout("mark.svg").strip()
    return {"uri": _address("image/svg+xml", image), "uri#integrity": _integrity(image), "alt_text": sentence("credentials.logo", language)}


@lru_cache(maxsize=2)
def _layout(name: str) -> bytes:
    return files("blauweknop.document").joinpath("layout", name).read_bytes()


def _address(kind: str, image: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(image).decode('ascii')}"


def _integrity(content: bytes) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode('ascii')}"
