"""Blauwe Knop: certified documents of government sources, and the check that everybody trusts.

What stands in `__all__` is for other programs and keeps its meaning from one version to the next; `docs/python.md` shows how to use it.
A name is loaded when it is first asked for, so that to import the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blauweknop.adapters.sandbox import check_in_child
    from blauweknop.catalogue import load_catalogue
    from blauweknop.checking.check_document import check_document
    from blauweknop.checking.report import explain, report_json
    from blauweknop.checking.trust import Trust
    from blauweknop.domain.verdict import Rejected, Undecided, Verdict, Verified
    from blauweknop.standards.trust_list import TrustListRefused, read_trust_list

__all__ = [
    "Rejected",
    "Trust",
    "TrustListRefused",
    "Undecided",
    "Verdict",
    "Verified",
    "check_document",
    "check_in_child",
    "explain",
    "load_catalogue",
    "read_trust_list",
    "report_json",
]

__version__ = "0.1.0"

_HOMES = {
    "Rejected": "domain.verdict",
    "Trust": "checking.trust",
    "TrustListRefused": "standards.trust_list",
    "Undecided": "domain.verdict",
    "Verdict": "domain.verdict",
    "Verified": "domain.verdict",
    "check_document": "checking.check_document",
    "check_in_child": "adapters.sandbox",
    "explain": "checking.report",
    "load_catalogue": "catalogue",
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
