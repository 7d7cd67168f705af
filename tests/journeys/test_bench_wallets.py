"""The benchmark of issuing to wallets: a real server and real wallets, a few of each."""

import json
import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import pytest
from sqlalchemy import delete

from blauweknop.adapters.database import open_database, writing
from blauweknop.adapters.wallet_records import WALLET_REFERENCES
from blauweknop.cli import bench
from blauweknop.cli.bench_clients import Worked
from blauweknop.cli.bench_servers import BenchServer
from blauweknop.cli.bench_wallet_client import WalletJob, WalletOffer, serve_wallets
from blauweknop.cli.bench_wallet_issuer import WalletSource, wallet_source
from blauweknop.domain.document import Unavailable


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[WalletSource, BenchServer]]:
    with wallet_source() as source, source.served() as issuer:
        yield source, issuer


@contextmanager
def wallets() -> Iterator[Connection]:
    ours, theirs = multiprocessing.Pipe()
    thread = threading.Thread(target=serve_wallets, args=(theirs,))
    thread.start()
    yield ours
    ours.close()
    thread.join()


def told(pipe: Connection, source: WalletSource, *offers: WalletOffer, come_back: bool = False) -> object:
    """What wallets say that had this job."""
    pipe.send(WalletJob(source.services.identifier, source.keys, source.configuration("dc+sd-jwt").id, offers, 1, come_back))
    assert pipe.recv() == "ready"
    pipe.send("now")
    return pipe.recv()


def test_issuing_is_measured_beside_its_goals_and_the_best_rival(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.bench_issuing(bench.Plan.quick(), as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    ways = {way["name"]: way for way in found["pipelines"]}
    assert {name: 1 / ways[name]["goal_per_second_and_core"] for name in ("issue_sd_jwt", "issue_mdoc", "status_list")} == pytest.approx(
        {"issue_sd_jwt": 0.000_12, "issue_mdoc": 0.000_25, "status_list": 0.020}
    )
    figures = {figure["name"]: figure for figure in found["figures"]}
    assert {name: (figures[name]["goal"], figures[name]["rival"]) for name in ("flows_sd_jwt", "flows_mdoc", "wallet_memory")} == {
        "flows_sd_jwt": (80, 8),
        "flows_mdoc": (80, 12),
        "wallet_memory": (150, 300),
    }
    assert figures["promises_lost"] == {"name": "promises_lost", "value": 0, "goal": 0, "reached": True}
    assert found["wallet_flow"] == {"claims": 22, "at_once": 2}


def test_a_credential_of_the_benchmark_is_good_and_the_server_was_at_work(served: tuple[WalletSource, BenchServer]) -> None:
    source, issuer = served
    before = issuer.cpu_seconds()
    with wallets() as pipe:
        worked = told(pipe, source, *source.offers("dc+sd-jwt", 20))
    assert isinstance(worked, Worked)
    assert len({fetched.credential for fetched in worked.fetched}) == 20
    assert source.faults(worked.fetched[0].credential or "") == set()
    assert issuer.cpu_seconds() > before
    assert issuer.memory() > 0


def test_a_wallet_that_is_refused_says_so_instead_of_being_counted(served: tuple[WalletSource, BenchServer]) -> None:
    source, _ = served
    (offer,) = source.offers("dc+sd-jwt", 1)
    with wallets() as pipe:
        assert "token answered 400: {" in str(told(pipe, source, offer, offer))


def test_a_promise_that_was_forgotten_is_seen(served: tuple[WalletSource, BenchServer]) -> None:
    source, _ = served
    with wallets() as pipe:
        with source.silent():
            told(pipe, source, *source.offers("dc+sd-jwt", 2, instead=Unavailable("connection")))
        engine = open_database(source.scheme.settings.storage.url)
        with writing(engine) as connection:
            connection.execute(delete(WALLET_REFERENCES))
        engine.dispose()
        worked = told(pipe, source, come_back=True)
    assert isinstance(worked, Worked)
    assert [fetched.credential for fetched in worked.fetched] == [None, None]
