"""The configuration file of an organisation: the scheme it belongs to, its keys, its login provider, and where its data comes from.

docs/roles/source.md has a whole example. Relative paths count from the folder of the file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from blauweknop.adapters.login_settings import EIDAS_LEVELS, LoginSettings, LoginSettingsError
from blauweknop.adapters.representation_settings import RepresentationSettings, representation_settings
from blauweknop.adapters.scheme_settings import SchemeSettings, scheme_of, web_address
from blauweknop.adapters.settings_keys import KeyFiles, SealSettings, key_files, seal_settings
from blauweknop.adapters.settings_storage import StorageSettings, storage_settings
from blauweknop.adapters.settings_table import SettingsError, Table, read_toml
from blauweknop.adapters.settings_time_stamp import TimeStampSettings, time_stamp_settings
from blauweknop.adapters.sources.reading import dataset_settings
from blauweknop.adapters.sources.settings import DatasetSettings
from blauweknop.adapters.wallet_settings import WalletSettings, wallet_settings
from blauweknop.catalogue import Catalogue, load_catalogue
from blauweknop.document.archiving import ArchiveLevel
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.domain.document import SourceIdentity
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.identifiers import Oin

__all__ = [
    "KeyFiles",
    "LoginAgreement",
    "SchemeSettings",
    "SealSettings",
    "Settings",
    "SettingsError",
    "SourceSettings",
    "StorageSettings",
    "TimeStampSettings",
    "load_settings",
]

_KINDS = ("duo", "uwv", "cak", "gemeente")


@dataclass(frozen=True, slots=True)
class LoginAgreement:
    """What was agreed with the login provider. The addresses on our side are added by who serves them."""

    issuer: str
    client_id: str
    key: Path
    decryption_keys: tuple[Path, ...]
    name: str
    scope: str
    bsn_claim: str
    levels: Mapping[str, AssuranceLevel]
    require_encrypted_id_token: bool
    require_callback_issuer: bool
    longest_id_token_life: timedelta
    representation: RepresentationSettings | None

    def settings(self, *, redirect_uri: str, post_logout_redirect_uri: str) -> LoginSettings:
        """The settings of the relying party.

        Raises:
            LoginSettingsError: they cannot work together.
        """
        return LoginSettings(
            issuer=self.issuer,
            client_id=self.client_id,
            redirect_uri=redirect_uri,
            post_logout_redirect_uri=post_logout_redirect_uri,
            name=self.name,
            scope=self.scope,
            bsn_claim=self.bsn_claim,
            levels=self.levels,
            require_encrypted_id_token=self.require_encrypted_id_token,
            require_callback_issuer=self.require_callback_issuer,
            representation=self.representation,
            longest_id_token_life=self.longest_id_token_life,
        )


@dataclass(frozen=True, slots=True)
class SourceSettings:
    identity: SourceIdentity
    path: str  # where its pages are served: /duo
    colour: str
    seal: SealSettings
    credential: KeyFiles | None
    login: LoginAgreement
    datasets: Mapping[str, DatasetSettings]
    status_lists: bool = True  # whether each document gets a place in a list, by which it can be withdrawn


@dataclass(frozen=True, slots=True)
class Settings:
    file: Path
    scheme: SchemeSettings
    storage: StorageSettings
    time_stamp: TimeStampSettings
    sources: Mapping[str, SourceSettings]
    proofs: ArchiveLevel | None = None  # what is added to each document beyond a seal with a time stamp
    wallets: WalletSettings | None = None  # which wallets its sources issue to


def load_settings(path: Path, catalogue: Catalogue | None = None) -> Settings:
    """The whole configuration of a source organisation, in a TOML file.

    Raises:
        SettingsError: the first thing that is wrong, with file, line and remedy.
    """
    root = read_toml(path)
    scheme = scheme_of(root.table("scheme"))
    storage = storage_settings(_needed(root, "storage"))
    time_stamp = time_stamp_settings(_needed(root, "time_stamp"), scheme)
    known = catalogue or load_catalogue()
    sources = {source_id: _source(source_id, table, scheme, known) for source_id, table in _needed(root, "sources").tables()}
    proofs = _proofs(root.table("documents")) if "documents" in root else None
    wallets = wallet_settings(root.table("wallets")) if "wallets" in root else None
    for key in ("api", "verifier", "holder", "requests"):
        if key in root:
            root.raw(key)  # of other roles, which may share the file
    root.finish()
    _refuse_same_paths(sources, root)
    return Settings(path, scheme, storage, time_stamp, sources, proofs, wallets)


def _proofs(table: Table) -> ArchiveLevel | None:
    """The level of EN 319 142-1 that every document gets; B-T is what a seal with a time stamp has by itself."""
    levels: dict[str, ArchiveLevel | None] = {"B-T": None, "B-LT": "B-LT", "B-LTA": "B-LTA"}
    level = levels[table.choice("level", tuple(levels), "B-T")]
    table.finish()
    return level


def _needed(root: Table, key: str) -> Table:
    """A table that a receiver can do without, and a source cannot."""
    if key not in root:
        raise root.error(key, "is missing", f"a source needs [{key}]: docs/roles/source.md has a whole example; a check page does not")
    return root.table(key)


def _source(source_id: str, table: Table, scheme: SchemeSettings, catalogue: Catalogue) -> SourceSettings:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", source_id):
        raise table.error("", "has an unsuitable name", "use small letters, digits and hyphens: it is part of addresses")
    identity = SourceIdentity(source_id, table.choice("kind", _KINDS), _oin(table), table.text("name"), table.text("legal_name"))
    path = table.text("path", f"/{source_id}")
    if not re.fullmatch(r"(/[a-z0-9-]+)+", path):
        raise table.error("path", "must be a path such as /duo", "start with a slash; small letters, digits and hyphens")
    colour = table.text("colour", "#154273")
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise table.error("colour", "must be a colour such as #154273", "write # and six hexadecimal digits")
    source = SourceSettings(
        identity,
        path,
        colour,
        seal_settings(table.table("seal")),
        key_files(table.table("credential")) if "credential" in table else None,
        _login(table.table("login"), scheme.is_exercise, frozenset(table.table("datasets").values)),
        {
            dataset_id: dataset_settings(dataset_id, child, catalogue, identity.kind, exercise=scheme.is_exercise)
            for dataset_id, child in table.table("datasets").tables()
        },
        table.flag("status_lists", True),
    )
    table.finish()
    return source


def _oin(table: Table) -> Oin:
    try:
        return Oin.parse(table.text("oin"))
    except MalformedValue as error:
        raise table.error("oin", "must be an OIN of twenty digits", "take it from the OIN register") from error


def _login(table: Table, exercise: bool, offered: frozenset[str]) -> LoginAgreement:
    levels = table.text_map("levels")
    words = {level.value: level for level in AssuranceLevel}
    if set(levels.values()) - set(words):
        raise table.error("levels", "has an unknown level", f"map each acr value to one of: {', '.join(words)}")
    issuer = web_address(table, "issuer", exercise)
    represented = table.optional_table("representation")
    agreement = LoginAgreement(
        issuer=issuer,
        client_id=table.text("client_id"),
        key=table.existing_file("key"),
        decryption_keys=table.existing_files("decryption_keys"),
        name=table.text("name", "DigiD"),
        scope=table.text("scope", "openid"),
        bsn_claim=table.text("bsn_claim", "bsn"),
        levels={acr: words[word] for acr, word in levels.items()} or EIDAS_LEVELS,
        require_encrypted_id_token=table.flag("require_encrypted_id_token", True),
        require_callback_issuer=table.flag("require_callback_issuer", True),
        longest_id_token_life=timedelta(seconds=table.seconds("longest_id_token_life_seconds", 300)),
        representation=representation_settings(represented, issuer=issuer, offered=offered) if represented else None,
    )
    table.finish()
    try:
        agreement.settings(redirect_uri="https://own.example", post_logout_redirect_uri="https://own.example")
    except LoginSettingsError as error:
        raise table.error("", f"cannot work: {error}", error.remedy or "correct it") from error
    if agreement.require_encrypted_id_token and not agreement.decryption_keys:
        raise table.error(
            "decryption_keys", "is missing", "name the key the provider encrypts to, or set require_encrypted_id_token = false"
        )
    return agreement


def _refuse_same_paths(sources: Mapping[str, SourceSettings], root: Table) -> None:
    table = root.table("sources")
    if not sources:
        raise table.error("", "has no source", "add a table [sources.<name>]")
    paths = [source.path for source in sources.values()]
    for source_id, source in sources.items():
        if paths.count(source.path) > 1:
            raise table.error(source_id, "has the same path as another source", "give each source its own path")
