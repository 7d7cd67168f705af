"""A small whole configuration on disk, to break in one place at a time."""

from pathlib import Path

__all__ = ["SETTINGS", "write_settings"]

SETTINGS = """\
[scheme]
environment = "production"
base_url = "https://duo.example"
check_url = "https://controle.example"
trust_list = "https://register.example/trust-list.json"
trust_anchor = "anchor.pem"

[storage]
url = "postgresql+psycopg://issuer@db.example/issuer"
secret_key_file = "secret-key"

[time_stamp]
url = "https://tijd.example"

[sources.duo]
kind = "duo"
oin = "00000099000000001001"
name = "DUO"
legal_name = "Dienst Uitvoering Onderwijs"
path = "/duo"
colour = "#b84a00"

[sources.duo.seal]
key = "seal-key.pem"
certificate = "seal.pem"
chain = ["issuing.pem"]
crls = ["root.crl"]

[sources.duo.login]
issuer = "https://login.example"
client_id = "duo"
key = "login.pem"
decryption_keys = ["login.pem"]
levels = { "urn:digid:25" = "substantial", "urn:digid:20" = "low" }

[sources.duo.datasets."duo.studiefinanciering"]
adapter = "sql"
url = "sqlite:///bron.db"
query = "SELECT * FROM klant WHERE bsn = :bsn"
timeout_seconds = 3
subject.given_name = "voornaam"
subject.family_name = { from = ["tussen", "naam"] }
subject.birth_date = { from = "geboren", as = "register_date" }

[sources.duo.datasets."duo.studiefinanciering".fields]
studiefinanciering_ontvangt = { from = "actief", as = "boolean:J/N" }
lening = { from = "lening", as = "euro_text" }
"""
_FILES = ("anchor.pem", "secret-key", "seal-key.pem", "seal.pem", "issuing.pem", "root.crl", "login.pem", "bron.db", "klanten.csv")


def write_settings(folder: Path, text: str = SETTINGS) -> Path:
    """The text as a file, with the files beside it that it names."""
    for name in _FILES:
        (folder / name).touch()
    path = folder / "blauweknop.toml"
    path.write_text(text, "utf-8")
    return path
