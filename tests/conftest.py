"""What every test folder shares: optional suites, shared material, real databases and a real browser."""

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import structlog
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, expect, sync_playwright

from tests.postgresql import Cluster, running_cluster
from tests.suites import CHROMIUM_PATIENCE, SUITES, Suite, chromium_program, missing_suites, required, shared_material

settings.register_profile("ci", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("local", deadline=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

_MISSING = re.compile(r"suite ([a-z-]+) is missing: ")
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
    _stop_without(missing_suites([str(name) for mark in item.iter_markers("suite") for name in mark.args]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    missing = Counter(name for reason in reasons for name in _MISSING.findall(reason))
    if missing:
        terminalreporter.section("suites skipped: a program is missing")
    for name, count in sorted(missing.items()):
        terminalreporter.line(f"{name}: {count} {'test' if count == 1 else 'tests'}; install with: {SUITES[name].install}")


def _stop_without(missing: Sequence[Suite]) -> None:
    """Skip the test when suites are missing, or fail it where one of them is demanded."""
    reason = "; ".join(f"suite {suite.name} is missing: {suite.install}" for suite in missing)
    if any(required(suite) for suite in missing):
        pytest.fail(f"demanded here: {reason}", pytrace=False)
    if missing:
        pytest.skip(reason)


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """A test that sends the log elsewhere does so for itself alone."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The shared test material; a test that asks for it is skipped, or fails where suites are demanded, when it is not there."""
    _stop_without(missing_suites(["shared"]))
    folder = shared_material()
    assert folder is not None
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
    expect.set_options(timeout=CHROMIUM_PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_CHROMIUM_FLAGS))
        yield browser
        browser.close()
