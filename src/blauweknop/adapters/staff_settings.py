"""How the staff of a receiver log in, in the configuration: a table in that of the receiver.

[requests.receivers.schuldhulp.staff]
issuer = "https://inloggen.gemeente.example"  # the OpenID Connect provider of the organisation
client_id = "schuldhulp"
key = "keys/staff-key.pem"                    # P-256 or RSA, by which the provider knows us (private_key_jwt)
acr = "urn:gemeente:sterk"                    # what the provider says of a login with two factors: nothing else is taken
# decryption_keys = ["keys/staff-decrypt.pem"]  # with them every id_token must be encrypted
# name = "uw werkaccount"                     # what staff call it
# scope = "openid profile"
# name_claim = "name"
# roles_claim = "roles"
# callback_issuer = true                      # whether the provider names itself when it sends the browser back (RFC 9207)
# four_eyes = ["export", "bsn"]               # what waits for the yes of a colleague who is controleur
# log_days = 1826                             # how long the log of the staff is kept: five years

[requests.receivers.schuldhulp.staff.roles]   # what the provider says -> medewerker, beheerder or controleur
"BK-schuldhulp" = "medewerker"
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from blauweknop.adapters.login_settings import LoginSettings, LoginSettingsError
from blauweknop.adapters.scheme_settings import web_address
from blauweknop.adapters.settings_table import Table
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.verifier.staff.four_eyes import Guarded
from blauweknop.verifier.staff.people import Role

__all__ = ["STAFF_LEVEL", "StaffAgreement", "staff_settings"]

STAFF_LEVEL = AssuranceLevel.SUBSTANTIAL
"""Staff log in with two factors: what the configuration calls `acr`."""

_LOG_DAYS, _MOST_LOG_DAYS = 1826, 36_525


@dataclass(frozen=True, slots=True)
class StaffAgreement:
    """What was agreed with the provider of the organisation. The addresses on our side are added by who serves them."""

    issuer: str
    client_id: str
    key: Path
    decryption_keys: tuple[Path, ...]
    acr: str
    name: str
    scope: str
    name_claim: str
    roles_claim: str
    callback_issuer: bool
    roles: Mapping[str, Role]
    four_eyes: frozenset[Guarded] = frozenset()
    log_days: int = _LOG_DAYS

    def login(self, address: str) -> LoginSettings:
        """The settings of the relying party, for a receiver at this address.

        Raises:
            LoginSettingsError: they cannot work together.
        """
        return LoginSettings(
            issuer=self.issuer,
            client_id=self.client_id,
            redirect_uri=f"{address}/inloggen/terug",
            post_logout_redirect_uri=f"{address}/uitgelogd",
            name=self.name,
            scope=self.scope,
            bsn_claim=None,
            levels={self.acr: STAFF_LEVEL},
            require_encrypted_id_token=bool(self.decryption_keys),
            require_callback_issuer=self.callback_issuer,
        )


def staff_settings(table: Table, *, exercise: bool) -> StaffAgreement:
    """The table `staff` of a receiver.

    Raises:
        SettingsError: the first thing that is wrong.
    """
    words = {role.value: role for role in Role}
    roles = table.text_map("roles")
    if not roles:
        raise table.error("roles", "gives nobody a role", 'write what your provider says of a role, such as "BK-hulp" = "medewerker"')
    if set(roles.values()) - set(words):
        raise table.error("roles", "has an unknown role", f"use one of: {', '.join(words)}")
    agreement = StaffAgreement(
        issuer=web_address(table, "issuer", exercise),
        client_id=table.text("client_id"),
        key=table.existing_file("key"),
        decryption_keys=table.existing_files("decryption_keys") if "decryption_keys" in table else (),
        acr=table.text("acr"),
        name=table.text("name", "uw werkaccount"),
        scope=table.text("scope", "openid profile"),
        name_claim=table.text("name_claim", "name"),
        roles_claim=table.text("roles_claim", "roles"),
        callback_issuer=table.flag("callback_issuer", True),
        roles={said: words[word] for said, word in roles.items()},
        four_eyes=_four_eyes(table),
        log_days=table.count("log_days", _LOG_DAYS, most=_MOST_LOG_DAYS),
    )
    table.finish()
    if agreement.four_eyes and Role.REVIEWER not in agreement.roles.values():
        raise table.error("four_eyes", "waits for nobody", f"give a role of your provider the role {Role.REVIEWER.value}")
    try:
        agreement.login("https://own.example")
    except LoginSettingsError as error:
        raise table.error("", f"cannot work: {error}", error.remedy or "correct it") from error
    return agreement


def _four_eyes(table: Table) -> frozenset[Guarded]:
    words = {guarded.value: guarded for guarded in Guarded}
    said = table.texts("four_eyes", ())
    if set(said) - set(words):
        raise table.error("four_eyes", "has an unknown word", f"use one or more of: {', '.join(words)}")
    return frozenset(words[word] for word in said)
