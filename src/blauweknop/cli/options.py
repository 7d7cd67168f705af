"""The options that several commands have, each said once; their names are fixed (design PRODUCT section 6)."""

from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = [
    "AtOption",
    "BenchJsonOption",
    "BundleOption",
    "ConfigOption",
    "EuListOption",
    "EuSignerOption",
    "HostOption",
    "LanguageOption",
    "OfflineOption",
    "PolicyOption",
    "PortOption",
    "ProcessesOption",
    "QuickOption",
    "ReportOption",
    "RequestsOnlyOption",
    "RoundsOption",
    "TrustAnchorOption",
    "TrustListOption",
    "WorkersOption",
]

ConfigOption = Annotated[Path | None, typer.Option("--config", help="Configuration file (blauweknop.toml).")]
LanguageOption = Annotated[Literal["nl", "en"], typer.Option("--language", help="nl or en.")]
HostOption = Annotated[str, typer.Option("--host", help="Address to listen on; a proxy with TLS stands before it.")]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes a free one.")]
RequestsOnlyOption = Annotated[
    bool, typer.Option("--requests-only", help="Only what receivers ask of people, in as many processes as --workers says.")
]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, max=64, help="How many processes.")]
ProcessesOption = Annotated[int | None, typer.Option("--processes", min=1, max=256, help="How many at once; all cores unless said.")]
TrustListOption = Annotated[str | None, typer.Option("--trust-list", help="The trust list: a file or an https address.")]
TrustAnchorOption = Annotated[Path | None, typer.Option("--trust-anchor", help="Certificate (PEM) of the signer of the trust list.")]
EuListOption = Annotated[
    list[Path] | None,
    typer.Option("--eu-trusted-list", help="European trusted list (XML) for seals of others; may be given more than once."),
]
EuSignerOption = Annotated[
    Path | None, typer.Option("--eu-trusted-list-signer", help="Certificates (PEM) of who signs it, or the list of lists.")
]
OfflineOption = Annotated[bool, typer.Option("--offline", help="Never use the network.")]
AtOption = Annotated[str | None, typer.Option("--at", help="Judge at this moment, such as 2026-11-23T14:00:00+01:00.")]
RoundsOption = Annotated[int, typer.Option("--count", min=1, help="How many rounds; in each every way has its turn.")]
BenchJsonOption = Annotated[bool, typer.Option("--json", help="The figures as JSON.")]
QuickOption = Annotated[bool, typer.Option("--quick", help="One short round, to see that it works.")]
PolicyOption = Annotated[Path | None, typer.Option("--policy", help="What you accept beyond that it is real (TOML).")]
ReportOption = Annotated[
    Path | None,
    typer.Option("--report", help="Write the signed report of this check: OUT.pdf or OUT.json; needs [verifier] in the configuration."),
]
BundleOption = Annotated[Path | None, typer.Option("--bundle", help="Signed offline bundle of trust list, schemas and status lists.")]
