"""A configuration of who checks documents, with an API; and without its clients."""

from pathlib import Path

from blauweknop.adapters.row_encryption import new_secret_key

__all__ = ["API_ONLY", "API_SETTINGS", "write_api_settings"]

API_ONLY = """
[scheme]
environment = "production"
base_url = "https://controle.example"
check_url = "https://controle.example/controle"
trust_list = "https://register.example/lijst"
trust_anchor = "anchor.pem"

[storage]
url = "sqlite:///controle.db"
secret_key_file = "secret-key"

[api]
keep_hours = 12

[api.contact]
name = "Beheer"
email = "api@controle.example"
url = "https://controle.example/api"
"""

API_SETTINGS = f"""{API_ONLY}
[api.clients.utrecht]
scopes = ["verify", "verify:watch"]
requests_per_hour = 100

[api.clients.utrecht.credentials.eerste]
kind = "api-key"
sha256 = "{"ab" * 32}"
scopes = ["verify"]
expires = 2027-06-30

[api.clients.utrecht.credentials.tweede]
kind = "public-key"
jwk = {{ kty = "EC", crv = "P-256", x = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", y = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM" }}

[api.clients.utrecht.webhook]
url = "https://zaken.utrecht.example/in"
secret_files = ["webhook"]

[api.clients.boxtel]
scopes = ["verify"]

[api.clients.boxtel.credentials.eerste]
kind = "client-secret"
sha256 = "{"cd" * 32}"
"""


def write_api_settings(folder: Path, text: str = API_SETTINGS) -> Path:
    """The text as a file, with the files beside it that it names."""
    for name in ("secret-key", "webhook"):
        if not (folder / name).exists():
            new_secret_key(folder / name)
    path = folder / "verifier.toml"
    path.write_text(text, "utf-8")
    return path
