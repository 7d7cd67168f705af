"""The commands that come in groups: `serve`, `keys`, `db` and `bench`. Each imports what it needs when it runs, as those of `main` do."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import typer

from blauweknop.cli.options import (
    BenchJsonOption,
    ConfigOption,
    HostOption,
    PortOption,
    QuickOption,
    RequestsOnlyOption,
    RoundsOption,
    WorkersOption,
)

__all__ = ["bench_app", "database_app", "keys_app", "serve_app"]

keys_app = typer.Typer(help="Keys and certificates of the scheme.", no_args_is_help=True)
database_app = typer.Typer(help="The database of a part of the scheme.", no_args_is_help=True)
bench_app = typer.Typer(help="The published benchmarks, side by side with what one would use today.", no_args_is_help=True)
serve_app = typer.Typer(help="Serve one part of the scheme.", no_args_is_help=True)


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
    requests_only: RequestsOnlyOption = False,
) -> None:
    """Serve the public check page, its API, and what receivers ask of people."""
    from blauweknop.cli.serve import serve, serve_requests

    raise typer.Exit(serve_requests(config, host, port, workers) if requests_only else serve("verifier", config, host, port, workers))


@serve_app.command("holder")
def serve_holder(
    config: ConfigOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    workers: WorkersOption = 1,
    local: Annotated[
        bool,
        typer.Option("--local", help="For yourself, on this computer only; a configuration file is only needed to check and to fetch."),
    ] = False,
) -> None:
    """Serve Mijn Blauwe Knop, where people keep what they fetched."""
    from blauweknop.cli.serve_holder import serve_mine, serve_people

    raise typer.Exit(serve_mine(config, host, port) if local else serve_people(config, host, port, workers))


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


@keys_app.command("holder")
def keys_holder(folder: Annotated[Path, typer.Argument(help="Folder for the key; one that is there stays.")]) -> None:
    """Make the key by which sources know a Mijn Blauwe Knop, and its public half for them."""
    from blauweknop.cli.keys import make_holder_key

    raise typer.Exit(make_holder_key(folder))


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
    """CPU time per credential and status list, and whole fetches of wallets, beside goals and rivals, in one run."""
    from blauweknop.cli.bench import Plan, bench_issuing

    raise typer.Exit(bench_issuing(Plan.quick() if quick else Plan.full(rounds), as_json=as_json))


@bench_app.command("present")
def bench_present(rounds: RoundsOption = 40, as_json: BenchJsonOption = False, quick: QuickOption = False) -> None:
    """Whole presentations to a receiver per second, beside their goal and the best rival, in one run."""
    from blauweknop.cli.bench import Plan, bench_presenting

    raise typer.Exit(bench_presenting(Plan.quick() if quick else Plan.full(rounds), as_json=as_json))


@bench_app.command("verify")
def bench_verify(rounds: RoundsOption = 40, as_json: BenchJsonOption = False, quick: QuickOption = False) -> None:
    """CPU time per check of documents and credentials, beside its goals, pyHanko, sd-jwt and pymdoccbor, in one run."""
    from blauweknop.cli.bench import Plan, bench_checking

    raise typer.Exit(bench_checking(Plan.quick() if quick else Plan.full(rounds), as_json=as_json))


@bench_app.command("web")
def bench_web(
    rounds: Annotated[int, typer.Option("--count", min=1, help="How often everybody opens each page.")] = 10,
    accounts: Annotated[int, typer.Option("--accounts", min=20, max=100_000, help="How many accounts there are.")] = 1000,
    workers: WorkersOption = 2,
    database: Annotated[
        str | None, typer.Option("--database", help="An empty PostgreSQL database, as postgresql://USER@HOST/NAME; SQLite unless said.")
    ] = None,
    as_json: BenchJsonOption = False,
    quick: QuickOption = False,
) -> None:
    """The pages of Mijn Blauwe Knop for 20 people at once among 1,000 accounts, beside their goals: CPU and time of the server, memory."""
    from blauweknop.cli.bench_pages import PagesPlan, bench_pages

    plan = PagesPlan.quick(database) if quick else PagesPlan(accounts, 20, rounds, workers, database)
    raise typer.Exit(bench_pages(plan, as_json=as_json))
