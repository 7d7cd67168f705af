"""What the API says of itself: its OpenAPI description, and the metadata of its tokens (RFC 8414)."""

from dataclasses import dataclass
from importlib.resources import files

import msgspec

from blauweknop.catalogue.strict_yaml import parse_yaml
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.verifier.api.clients import SCOPES

__all__ = ["Contact", "description", "token_endpoint", "token_metadata"]


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom builders can ask (API Design Rules, /core/doc-openapi-contact)."""

    name: str
    email: str
    url: str


def description(address: str, version: str, contact: Contact, *, asks: bool = False) -> bytes:
    """The OpenAPI document as JSON, for an API at this address; with the requests to people where it `asks`.

    Raises:
        BlauweKnopError: the file in the program is broken.
    """
    document = parse_yaml((files(__package__) / "openapi.yaml").read_text("utf-8"))
    if not isinstance(document, dict):
        raise BlauweKnopError("expected the description of the API to be a mapping")
    document["info"] |= {"version": version, "contact": {"name": contact.name, "email": contact.email, "url": contact.url}}
    if not asks:
        document["paths"] = {path: item for path, item in document["paths"].items() if not path.startswith("/requests")}
        document["tags"] = [tag for tag in document["tags"] if tag["name"] != "requests"]
    document["servers"] = [{"url": address}]
    document["components"]["securitySchemes"]["oauth"]["flows"]["clientCredentials"]["tokenUrl"] = token_endpoint(address)
    return msgspec.json.encode(document)


def token_metadata(address: str) -> bytes:
    """The metadata of the token endpoint; `address` is our issuer name too."""
    return msgspec.json.encode(
        {
            "issuer": address,
            "token_endpoint": token_endpoint(address),
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "scopes_supported": list(SCOPES),
            "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic"],
            "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
            "service_documentation": f"{address}/openapi.json",
        }
    )


def token_endpoint(address: str) -> str:
    """Where tokens are given."""
    return f"{address}/access-tokens"
