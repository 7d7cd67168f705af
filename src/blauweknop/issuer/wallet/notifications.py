"""A wallet says what became of what it got (OpenID4VCI section 11; PROTOCOL 2.9)."""

from datetime import datetime

from blauweknop.issuer.wallet.callers import Permit, issued_to
from blauweknop.issuer.wallet.ports import Kind, WalletServices
from blauweknop.standards.oauth import OAuthProblem
from blauweknop.standards.openid4vci.credential_request import Notification

__all__ = ["take_notification"]


def take_notification(notification: Notification, permit: Permit, services: WalletServices, now: datetime) -> None:
    """Count it in the processing log. It may come more than once. Places in status lists are never given again, so nothing is released.

    Raises:
        OAuthProblem: `invalid_notification_id`, we gave this wallet no such id.
    """
    kept = services.references.read(Kind.NOTIFICATION, notification.notification_id, now=now)
    if kept is None or not issued_to(kept.content, permit):
        raise OAuthProblem("invalid_notification_id", "expected a notification_id of this wallet")
    services.issuer.records.event(
        time=now,
        source=services.issuer.source.id,
        activity="wallet",
        outcome=notification.event,
        trace_id=services.issuer.random_id(),
    )
