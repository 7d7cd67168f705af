"""What sources must forget on time: ended sessions, unfinished logins, records past their term."""

from collections.abc import Sequence
from datetime import timedelta
from secrets import token_bytes

from blauweknop.adapters.login_attempts import LoginAttempts
from blauweknop.adapters.records import Records
from blauweknop.adapters.sessions import SessionStore
from blauweknop.adapters.status_lists import sweep_lists
from blauweknop.adapters.wallet_store import sweep_wallets
from blauweknop.assembly.issuers import SharedParts
from blauweknop.assembly.upkeep import Sweep

__all__ = ["issuer_sweeps"]

_DOCUMENTS_KEPT = timedelta(days=365)  # after their validity ended, to answer whether one was ours
_EVENTS_KEPT = timedelta(days=365)


def issuer_sweeps(parts: SharedParts, sources: Sequence[str]) -> tuple[Sweep, ...]:
    """All of these sources."""
    records = Records(parts.engine, parts.row_key)
    return (
        *(SessionStore(parts.engine, parts.row_key, source=source).sweep for source in sources),
        *(LoginAttempts(parts.engine, parts.row_key, source, token_bytes).sweep for source in sources),
        lambda now: records.sweep(now, documents_kept=_DOCUMENTS_KEPT, events_kept=_EVENTS_KEPT),
        lambda now: sweep_lists(parts.engine, now),
        lambda now: sweep_wallets(parts.engine, now),
    )
