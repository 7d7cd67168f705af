"""The command line `blauweknop`; names, options and exit codes are those of design PRODUCT section 6, since others script against them.

Each command imports what it needs when it runs: `--help` and `--version` answer at once, and a receiver who only checks loads no web.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from blauweknop import __version__
from blauweknop.cli.ending import run_to_the_end
from blauweknop.cli.groups import bench_app, database_app, keys_app, serve_app
from blauweknop.cli.options import (
    AtOption,
    BundleOption,
    ConfigOption,
    EuListOption,
    EuSignerOption,
    LanguageOption,
    OfflineOption,
    PolicyOption,
    ProcessesOption,
    ReportOption,
    TrustAnchorOption,
    TrustListOption,
)

__all__ = ["app", "run"]

app = typer.Typer(
    name="blauweknop",
    help="Certified documents of government sources: make them, check them, and run the scheme.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(keys_app, name="keys")
app.add_typer(database_app, name="db")
app.add_typer(bench_app, name="bench")
app.add_typer(serve_app, name="serve")


def run(arguments: Sequence[str] | None = None, *, program: Callable[..., object] = app) -> NoReturn:
    """Entry point; see `run_to_the_end`."""
    run_to_the_end(program, arguments)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"blauweknop {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Certified documents of government sources: make them, check them, and run the scheme."""


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Play the journeys, print a report, and end with 0 or 1.")] = False,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Port on this machine, 8000 unless said; 0: a free one.")
    ] = None,
    data_dir: Annotated[Path, typer.Option("--data-dir", help="Where keys, sources and documents are kept.")] = Path("var/demo"),
    people: Annotated[int, typer.Option("--people", min=36, max=20000, help="How many made-up people.")] = 36,
) -> None:
    """The whole exercise scheme on this machine: five sources, a login, the check; made-up people only."""
    from blauweknop.demo.serving import play_once, serve_demo

    raise typer.Exit(play_once(data_dir, port, people) if once else serve_demo(data_dir, port, people))


@app.command()
def verify(
    files: Annotated[list[Path], typer.Argument(help="Documents or credentials to check; of a folder each .pdf, .sd-jwt and .mdoc in it.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per file.")] = False,
    explained: Annotated[bool, typer.Option("--explain", help="Tell each step in plain words, and what the verdict does not say.")] = False,
    processes: ProcessesOption = None,
    trust_list: TrustListOption = None,
    trust_anchor: TrustAnchorOption = None,
    offline: OfflineOption = False,
    at: AtOption = None,
    eu_trusted_list: EuListOption = None,
    eu_trusted_list_signer: EuSignerOption = None,
    bundle: BundleOption = None,
    policy: PolicyOption = None,
    config: ConfigOption = None,
    language: LanguageOption = "nl",
    report: ReportOption = None,
    name_in_report: Annotated[bool, typer.Option("--name-in-report", help="Let the report tell the name of the file.")] = False,
) -> None:
    """Check documents; exit 0 green, 1 orange, 2 red, 3 usage or read fault: the worst of all."""
    from blauweknop.adapters.eu_lists import EuListPlaces
    from blauweknop.cli.verify import verify_files

    code = verify_files(
        files,
        as_json=as_json,
        explained=explained,
        processes=processes,
        trust_list=trust_list,
        trust_anchor=trust_anchor,
        offline=offline,
        at=at,
        bundle=bundle,
        config=config,
        language=language,
        eu_lists=EuListPlaces(tuple(eu_trusted_list or ()), eu_trusted_list_signer),
        policy=policy,
        report=report,
        name_in_report=name_in_report,
    )
    raise typer.Exit(code)


@app.command()
def extract(
    file: Annotated[Path, typer.Argument(help="The document.")],
    to: Annotated[Literal["json", "csv", "sd-jwt"], typer.Option("--to", help="In which form.")] = "json",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file instead of standard output.")] = None,
    trust_list: TrustListOption = None,
    trust_anchor: TrustAnchorOption = None,
    offline: OfflineOption = False,
    at: AtOption = None,
    bundle: BundleOption = None,
    policy: PolicyOption = None,
    config: ConfigOption = None,
    language: LanguageOption = "nl",
) -> None:
    """The data inside a document, only after it passed the check; exit codes as `verify`."""
    from blauweknop.cli.extract import extract_file

    code = extract_file(
        file,
        to=to,
        output=output,
        trust_list=trust_list,
        trust_anchor=trust_anchor,
        offline=offline,
        at=at,
        bundle=bundle,
        policy=policy,
        config=config,
        language=language,
    )
    raise typer.Exit(code)


@app.command()
def augment(
    file: Annotated[Path, typer.Argument(help="The document.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The PDF to write.")],
    level: Annotated[Literal["B-LT", "B-LTA"], typer.Option("--level", help="Until certificates end, or longer.")] = "B-LTA",
    trust_list: TrustListOption = None,
    trust_anchor: TrustAnchorOption = None,
    offline: OfflineOption = False,
    config: ConfigOption = None,
    language: LanguageOption = "nl",
) -> None:
    """Add proofs to a document of one's own that keep it good for years; exit codes as `verify`."""
    from blauweknop.cli.augment import augment_file

    code = augment_file(
        file,
        level,
        output,
        trust_list=trust_list,
        trust_anchor=trust_anchor,
        offline=offline,
        config=config,
        language=language,
    )
    raise typer.Exit(code)


@app.command()
def redact(
    file: Annotated[Path, typer.Argument(help="The document.")],
    keep: Annotated[
        list[str] | None, typer.Option("--keep", help="Path in the data that stays, such as data.naam; more than once.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The PDF to write.")] = None,
    list_paths: Annotated[bool, typer.Option("--list", help="Show the paths there are.")] = False,
    trust_list: TrustListOption = None,
    trust_anchor: TrustAnchorOption = None,
    offline: OfflineOption = False,
    at: AtOption = None,
    bundle: BundleOption = None,
    config: ConfigOption = None,
    language: LanguageOption = "nl",
) -> None:
    """Make one's own document smaller and still certified; exit codes as `verify`."""
    from blauweknop.cli.redact import redact_file

    code = redact_file(
        file,
        keep=keep or [],
        output=output,
        list_paths=list_paths,
        trust_list=trust_list,
        trust_anchor=trust_anchor,
        offline=offline,
        at=at,
        bundle=bundle,
        config=config,
        language=language,
    )
    raise typer.Exit(code)


@app.command()
def seal(
    data: Annotated[Path | None, typer.Argument(help="What the source knows, as JSON; see docs/roles/command-line.md.")] = None,
    dataset: Annotated[str | None, typer.Option("--dataset", help="Id of the data set, such as duo.studieschuld.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The PDF to write.")] = None,
    ndjson: Annotated[str | None, typer.Option("--ndjson", help="Many at once: a file with one such JSON a line, or - .")] = None,
    out_dir: Annotated[Path | None, typer.Option("--out-dir", help="With --ndjson: the folder for the documents.")] = None,
    processes: ProcessesOption = None,
    config: ConfigOption = None,
    source: Annotated[str | None, typer.Option("--source", help="Which source of the configuration seals it.")] = None,
) -> None:
    """Make one certified document, or one for each line of a file."""
    if ndjson is not None and out_dir is not None and data is None and output is None:
        from blauweknop.cli.bulk_seal import seal_lines

        raise typer.Exit(seal_lines(ndjson, out_dir, dataset_id=dataset, config=config, source=source, processes=processes))
    if data is None or dataset is None or output is None or ndjson is not None or out_dir is not None or processes is not None:
        raise typer.BadParameter("expected DATA with --dataset and -o, or --ndjson with --out-dir")
    from blauweknop.cli.seal import seal_file

    raise typer.Exit(seal_file(data, dataset, output, config=config, source=source))


@app.command()
def withdraw(
    document: Annotated[list[str] | None, typer.Option("--document", help="Number of a document; may be given more than once.")] = None,
    documents_from: Annotated[str | None, typer.Option("--documents-from", help="A file with one number a line, or - .")] = None,
    persons_from: Annotated[
        str | None, typer.Option("--persons-from", help="All made for persons: a file with one burgerservicenummer a line, or - .")
    ] = None,
    dataset: Annotated[
        str | None, typer.Option("--dataset", help="All of this data set, made --since a moment; or only this one of persons.")
    ] = None,
    key: Annotated[str | None, typer.Option("--key", help="All of a key: the SHA-256 of its certificate, or the file of that.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="Made at this moment or later, such as 2026-11-23T14:00:00+01:00.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Made before this moment.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="Only of this source of the configuration.")] = None,
    reason: Annotated[
        Literal["correction", "key", "other"] | None,
        typer.Option("--reason", help="Why, as the person is told; of persons a correction unless said, of a key the key."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigOption = None,
    language: LanguageOption = "nl",
) -> None:
    """Withdraw documents of one's own, for good; 0, or 1 when some were not found or the answer was no."""
    from blauweknop.cli.withdraw import Asked, withdraw_documents

    asked = Asked(document or (), documents_from, persons_from, dataset, key, since, until, source, reason)
    raise typer.Exit(withdraw_documents(asked, config=config, yes=yes, language=language))


@app.command()
def doctor(config: ConfigOption = None, language: LanguageOption = "nl") -> None:
    """Check keys, certificates, clock, database, trust list and sources, and say how to mend what is wrong."""
    from blauweknop.cli.doctor import examine

    raise typer.Exit(examine(config, language))
