"""Which software that is not ours was tried with our credentials, and what came of it: the table in docs/interop.md.

`make interop` runs the tests of the rows and writes the table with the day, the versions and the results; `test_matrix.py` holds it to
them.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

import pytest

from tests.interop.conformance_modules import lines_of_modules
from tests.suites import PROJECT
from tests.unit.document.wallet_samples import FORMS, IDS

__all__ = ["DOCUMENT", "FILES", "ROWS", "Row", "lines_of", "modules_in", "table_in"]

DOCUMENT = PROJECT / "docs" / "interop.md"
_BEGIN, _END = "<!-- made by make interop: software -->\n", "<!-- until here -->\n"
_BEGIN_MODULES = "<!-- made by make interop: modules -->\n"
_HEAD = "| software | version | part | what it did | tests | result | last run |\n|---|---|---|---|---|---|---|\n"
_NPM_LOCKS = ("wallets", "tools")
_ALL = f"all {len(IDS)} data sets"
_BOTH = f"{_ALL} in {len(FORMS)} formats"


@dataclass(frozen=True, slots=True)
class Row:
    """One piece of software. Its tests are those of a file of which the name has `part`; `packages` are named as their registry does."""

    packages: tuple[str, ...]
    role: str
    did: str
    file: str
    part: str = ""


FILES = ("test_foreign_wallets.py", "test_our_holder.py", "test_issued_sd_jwts.py", "test_issued_mdocs.py")
ROWS = (
    Row(
        ("npm @openid4vc/openid4vci", "npm @openid4vc/oauth2", "npm @openid4vc/openid4vp"),
        "wallet",
        f"Fetched {_BOTH}: signed metadata, offer, attestation of the wallet and of keys, DPoP with nonce, pre-authorised code with"
        " digits; login in the browser with PAR and PKCE; two copies at once; an encrypted answer; later; notification. Presented each"
        " SD-JWT VC, to our own receiver too, which refused what it spoiled.",
        "test_foreign_wallets.py",
        "[openid4vc",
    ),
    Row(
        ("npm @credo-ts/openid4vc", "npm @credo-ts/core", "npm @credo-ts/askar", "pip aries-askar"),
        "wallet",
        f"The same but for the encrypted answer, which it does not have, and with plain metadata: fetched {_BOTH}, judged each by its own"
        " rules, with its status list and the hashed metadata of its type. Presented each SD-JWT VC and each mobile document, to our own"
        " receiver too.",
        "test_foreign_wallets.py",
        "[credo",
    ),
    Row(
        ("pip polaris-oid4vp",),
        "receiver",
        f"Asked both wallets for {_ALL} as SD-JWT VC, believed them by our exercise authority, and looked in the status list; with another"
        " authority it refused.",
        "test_foreign_wallets.py",
        "_receiver_",
    ),
    Row(
        ("pip polaris-oid4vp",),
        "receiver",
        "Asked Mijn Blauwe Knop for an SD-JWT VC by a signed question, and believed the answer; took its no. In four ways wrong it was"
        " refused: no registration, beyond it, another name, a nonce that was not ours. It knows no mobile documents.",
        "test_our_holder.py",
        "_receiver_of_others_",
    ),
    Row(
        ("npm @auth0/mdl",),
        "reader",
        "Read the mobile document with which Mijn Blauwe Knop answers a question; refused it for another session.",
        "test_our_holder.py",
        "_reader_of_others_",
    ),
    Row(
        ("pip sd-jwt",),
        "reader",
        f"Read {_ALL}: signature, every claim, dates, status, key of the holder; refused what was changed or of another.",
        "test_issued_sd_jwts.py",
        "_in_python_",
    ),
    Row(
        ("npm @sd-jwt/sd-jwt-vc", "npm @sd-jwt/crypto-nodejs"),
        "reader",
        f"Read {_ALL}, with the type metadata and the status list; refused what was changed, of another, or withdrawn.",
        "test_issued_sd_jwts.py",
        "_in_node_",
    ),
    Row(
        ("pip pymdoccbor",),
        "reader",
        f"Read {_ALL}: signature, every element, dates, status, key of the holder; refused what was changed.",
        "test_issued_mdocs.py",
        "_pymdoccbor_",
    ),
    Row(
        ("npm @auth0/mdl",),
        "reader",
        f"Read {_ALL} as a device shows them, ours and those that Credo presents; refused what was changed or not shown by its holder.",
        "test_issued_mdocs.py",
        "_mdl_",
    ),
)


def lines_of(results: Mapping[Row, str], day: str) -> str:
    """The table."""
    rows = []
    for row in ROWS:
        names = ", ".join(f"`{package.partition(' ')[2]}`" for package in row.packages)
        versions = ", ".join(dict.fromkeys(_version_of(package) for package in row.packages))
        tests = f"`{row.file}`" + (f" `{row.part}`" if row.part else "")
        rows.append(f"| {names} | {versions} | {row.role} | {row.did} | {tests} | {results[row]} | {day} |\n")
    return _HEAD + "".join(rows)


def table_in(document: str) -> str:
    """The table as it stands in the document."""
    return document.partition(_BEGIN)[2].partition(_END)[0]


def modules_in(document: str) -> str:
    """The table of conformance modules as it stands in the document."""
    return document.partition(_BEGIN_MODULES)[2].partition(_END)[0]


def _version_of(package: str) -> str:
    registry, _, name = package.partition(" ")
    if registry == "pip":
        return version(name)
    for lock in _NPM_LOCKS:
        packages = json.loads((PROJECT / ".ci" / lock / "package-lock.json").read_text("utf-8"))["packages"]
        if f"node_modules/{name}" in packages:
            return str(packages[f"node_modules/{name}"]["version"])
    raise LookupError(f"no lock has {name}")


class _Outcomes:
    """What pytest tells of the tests that ran: the worst word of each."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            self.of[report.nodeid] = report.outcome


def _result(row: Row, outcomes: Mapping[str, str]) -> str:
    counts = Counter(outcome for test, outcome in outcomes.items() if f"/{row.file}::" in test and row.part in test)
    return ", ".join(f"{counts[word]} {word}" for word in ("failed", "skipped", "passed") if counts[word]) or "not run"


def _write(table: str) -> None:
    text = DOCUMENT.read_text("utf-8")
    for begin, made in ((_BEGIN, table), (_BEGIN_MODULES, lines_of_modules())):
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}{made}{_END}{rest.partition(_END)[2]}"
    DOCUMENT.write_text(text, "utf-8")


def main(arguments: Iterable[str]) -> int:
    """Run the tests of all rows and write the table, whatever came of them."""
    outcomes = _Outcomes()
    files = [str(PROJECT / "tests" / "interop" / name) for name in FILES]
    code = pytest.main([*files, *arguments], plugins=[outcomes])
    _write(lines_of({row: _result(row, outcomes.of) for row in ROWS}, datetime.now(UTC).date().isoformat()))
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
