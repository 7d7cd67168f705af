"""Blauwe Knop: certified documents of government sources, and the check that everybody trusts.

What stands in `__all__` is for other programs and keeps its meaning from one version to the next; `docs/python.md` shows how to use it.
A name is loaded when it is first asked for, so that to import the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blauweknop.adapters.policy_file import load_policy
    from blauweknop.adapters.sandbox import check_in_child
    from blauweknop.catalogue import load_catalogue
    from blauweknop.checking.check_document import check_document
    from blauweknop.checking.check_received import check_received
    from blauweknop.checking.policy import Policy
    from blauweknop.checking.report import explain, report_json
    from blauweknop.checking.trust import Trust
    from blauweknop.domain.verdict import Rejected, Undecided, Verdict, Verified
    from blauweknop.standards.offline_bundle import read_offline_bundle
    from blauweknop.standards.trust_list import TrustListRefused, read_trust_list

__all__ = [
    "Policy",
    "Rejected",
    "Trust",
    "TrustListRefused",
    "Undecided",
    "Verdict",
    "Verified",
    "check_document",
    "check_in_child",
    "check_received",
    "explain",
    "load_catalogue",
    "load_policy",
    "read_offline_bundle",
    "read_trust_list",
    "report_json",
]

__version__ = "0.1.0"

_HOMES = {
    "Policy": "checking.policy",
    "Rejected": "domain.verdict",
    "Trust": "checking.trust",
    "TrustListRefused": "standards.trust_list",
    "Undecided": "domain.verdict",
    "Verdict": "domain.verdict",
    "Verified": "domain.verdict",
    "check_document": "checking.check_document",
    "check_in_child": "adapters.sandbox",
    "check_received": "checking.check_received",
    "explain": "checking.report",
    "load_catalogue": "catalogue",
    "load_policy": "adapters.policy_file",
    "read_offline_bundle": "standards.offline_bundle",
    "read_trust_list": "standards.trust_list",
    "report_json": "checking.report",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
