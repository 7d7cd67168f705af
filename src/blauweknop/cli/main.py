"""The command line `blauweknop`; names, options and exit codes are those of design PRODUCT section 6, since others script against them.

Each command imports what it needs when it runs: `--help` and `--version` answer at once, and a receiver who only checks loads no web.
"""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from blauweknop import __version__
from blauweknop.cli.ending import run_to_the_end

__all__ = ["app", "run"]

app = typer.Typer(
    name="blauweknop",
    help="Certified documents of government sources: make them, check them, and run the scheme.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys_app = typer.Typer(help="Keys and certificates of the scheme.", no_args_is_help=True)
database_app = typer.Typer(help="The database of a part of the scheme.", no_args_is_help=True)
bench_app = typer.Typer(help="The published benchmarks, side by side with what one would use today.", no_args_is_help=True)
serve_app = typer.Typer(help="Serve one part of the scheme.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")
app.add_typer(database_app, name="db")
app.add_typer(bench_app, name="bench")
app.add_typer(serve_app, name="serve")

ConfigOption = Annotated[Path | None, typer.Option("--config", help="Configuration file (blauweknop.toml).")]
LanguageOption = Annotated[Literal["nl", "en"], typer.Option("--language", help="nl or en.")]
HostOption = Annotated[str, typer.Option("--host", help="Address to listen on; a proxy with TLS stands before it.")]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes a free one.")]
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


@serve_app.command("issuer")
def serve_issuer(
    config: ConfigOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    workers: WorkersOption = 1,
) -> None:
    """Serve the sources of the configuration file."""
    from blauweknop.cli.serve import serve

    raise typer.Exit(serve("issuer", config, host, port, workers))


@serve_app.command("verifier")
def serve_verifier(
    config: ConfigOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    workers: WorkersOption = 1,
) -> None:
    """Serve the public check page."""
    from blauweknop.cli.serve import serve

    raise typer.Exit(serve("verifier", config, host, port, workers))


@serve_app.command("holder")
def serve_holder(
    config: ConfigOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    local: Annotated[bool, typer.Option("--local", help="For yourself, on this computer only; needs no configuration.")] = False,
) -> None:
    """Serve Mijn Blauwe Knop, where people keep what they fetched."""
    from blauweknop.cli.serve_holder import serve_mine, serve_people

    raise typer.Exit(serve_mine(host, port) if local else serve_people(config, host, port))


@keys_app.command("new")
def keys_new(
    folder: Annotated[Path, typer.Argument(help="New folder for the keys.")],
    source: Annotated[list[str] | None, typer.Option("--source", help='Source as "id:OIN:name"; may be given more than once.')] = None,
    algorithm: Annotated[str, typer.Option("--algorithm", help="P-256 or RSA-3072.")] = "P-256",
) -> None:
    """Make a scheme PKI FOR EXERCISE: root, issuing authority, seal certificates with OIN, CRLs."""
    from blauweknop.cli.keys import make_exercise_keys

    raise typer.Exit(make_exercise_keys(folder, source or [], algorithm))


@keys_app.command("next")
def keys_next(
    folder: Annotated[Path, typer.Argument(help="Folder made by `keys new`.")],
    source: Annotated[str, typer.Argument(help="Short name of the source, such as duo.")],
) -> None:
    """Make the next seal and credential keys of a source FOR EXERCISE, beside the ones it has."""
    from blauweknop.cli.keys import make_next_keys

    raise typer.Exit(make_next_keys(folder, source))


@keys_app.command("api-client")
def keys_api_client(
    name: Annotated[str, typer.Argument(help="Name of the system: small letters, digits and hyphens.")],
    kind: Annotated[Literal["api-key", "client-secret", "public-key"], typer.Option("--kind", help="How it proves itself.")] = "api-key",
    credential: Annotated[str | None, typer.Option("--credential", help="Name of this proof; the day of today unless said.")] = None,
    scope: Annotated[list[str] | None, typer.Option("--scope", help="verify, verify:data or verify:watch; may be repeated.")] = None,
    expires: Annotated[str | None, typer.Option("--expires", help="Last day, such as 2027-06-30.")] = None,
    public_key: Annotated[Path | None, typer.Option("--public-key", help="Its public P-256 key: JWK or PEM.")] = None,
    webhook: Annotated[str | None, typer.Option("--webhook", help="Where it wants to be told things.")] = None,
    config: ConfigOption = None,
) -> None:
    """Make a key for a system that uses the API of the check; the secret is shown once."""
    from blauweknop.cli.api_clients import NewClient, make_api_client

    try:
        last_day = date.fromisoformat(expires) if expires is not None else None
    except ValueError as error:
        raise typer.BadParameter("expected a day such as 2027-06-30 for --expires") from error
    raise typer.Exit(make_api_client(NewClient(name, kind, credential, scope or (), last_day, public_key, webhook), config))


@keys_app.command("list")
def keys_list(folder: Annotated[Path, typer.Argument(help="Folder made by `keys new`.")]) -> None:
    """Show certificates with their subjects and dates."""
    from blauweknop.cli.keys import list_keys

    raise typer.Exit(list_keys(folder))


@database_app.command("upgrade")
def database_upgrade(config: ConfigOption = None) -> None:
    """Bring the database to the tables of this version."""
    from blauweknop.cli.database import upgrade_database

    raise typer.Exit(upgrade_database(config))


@database_app.command("check")
def database_check(config: ConfigOption = None) -> None:
    """Say whether the database has the tables of this version; exit 0 yes, 1 no."""
    from blauweknop.cli.database import check_database

    raise typer.Exit(check_database(config))


@bench_app.command("seal")
def bench_seal(rounds: RoundsOption = 40, as_json: BenchJsonOption = False, quick: QuickOption = False) -> None:
    """CPU time per certified document, beside its goals, WeasyPrint + pyHanko and typst + pyHanko, in one run."""
    from blauweknop.cli.bench import Plan, bench_sealing

    raise typer.Exit(bench_sealing(Plan.quick() if quick else Plan.full(rounds), as_json=as_json))


@bench_app.command("issue")
def bench_issue(rounds: RoundsOption = 40, as_json: BenchJsonOption = False, quick: QuickOption = False) -> None:
    """CPU time per credential and status list, beside its goals and the packages sd-jwt and pymdoccbor, in one run."""
    from blauweknop.cli.bench import Plan, bench_issuing

    raise typer.Exit(bench_issuing(Plan.quick() if quick else Plan.full(rounds), as_json=as_json))


@bench_app.command("verify")
def bench_verify(rounds: RoundsOption = 40, as_json: BenchJsonOption = False, quick: QuickOption = False) -> None:
    """CPU time per check of documents and credentials, beside its goals, pyHanko, sd-jwt and pymdoccbor, in one run."""
    from blauweknop.cli.bench import Plan, bench_checking

    raise typer.Exit(bench_checking(Plan.quick() if quick else Plan.full(rounds), as_json=as_json))
