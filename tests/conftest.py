"""What every test folder shares: optional suites, shared material, real databases and a real browser."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from tests.postgresql import Cluster, running_cluster
from tests.suites import SUITES, chromium_program, missing_suites, required, shared_material

settings.register_profile("ci", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("local", deadline=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

_MISSING = "missing suite"
_CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    names = [str(name) for mark in item.iter_markers("suite") for name in mark.args]
    for suite in missing_suites(names):
        if required(suite):
            pytest.fail(f"suite {suite.name} is demanded here and missing: {suite.install}", pytrace=False)
        item.user_properties.append((_MISSING, suite.name))
        pytest.skip(f"suite {suite.name} is missing: {suite.install}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        for key, name in getattr(report, "user_properties", []):
            if key == _MISSING:
                counts[name] = counts.get(name, 0) + 1
    if not counts:
        return
    terminalreporter.section("suites skipped: a program is missing")
    for name, count in sorted(counts.items()):
        terminalreporter.line(f"{name}: {count} tests; install with: {SUITES[name].install}")


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The shared test material; a test that asks for it is skipped, or fails where suites are demanded, when it is not there."""
    folder = shared_material()
    if folder is None:
        suite = SUITES["shared"]
        if required(suite):
            pytest.fail(f"suite shared is demanded here and missing: {suite.install}", pytrace=False)
        pytest.skip(f"suite shared is missing: {suite.install}")
    return folder


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[Cluster]:
    """A private PostgreSQL server, started once per test process. Mark the test `suite("postgresql")`."""
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def postgresql_url(postgresql_cluster: Cluster) -> Iterator[str]:
    """An empty database of its own, as an SQLAlchemy URL. Mark the test `suite("postgresql")`."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgresql_cluster.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield postgresql_cluster.sqlalchemy_url(name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.suite("postgresql"))])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once as an SQLite file and once on a real PostgreSQL: a storage test runs on both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'blauweknop.sqlite'}"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser without a screen. Mark the test `suite("chromium")`.

    One per module: while it runs, its thread counts as inside an event loop, so modules that call `asyncio.run` must not share it.
    """
    program = chromium_program()
    assert program is not None, "mark the test suite('chromium')"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_CHROMIUM_FLAGS))
        yield browser
        browser.close()
