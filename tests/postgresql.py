"""A private PostgreSQL server for tests: its own folder, its own socket, no network, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.suites import postgresql_folder

__all__ = ["Cluster", "running_cluster"]

_SUPERUSER = "blauweknop"
_SETTINGS = "-c listen_addresses= -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=100"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A server that listens on a socket in `folder` only."""

    folder: Path

    def conninfo(self, database: str) -> str:
        """What psycopg needs."""
        return f"host={self.folder} user={_SUPERUSER} dbname={database}"

    def sqlalchemy_url(self, database: str) -> str:
        return f"postgresql+psycopg://{_SUPERUSER}@/{database}?host={self.folder}"


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Start a server and stop it again. As root it runs as the user `postgres`, because PostgreSQL refuses root.

    Raises:
        subprocess.CalledProcessError: a program of PostgreSQL failed; its output is in the error.
    """
    programs = postgresql_folder()
    assert programs is not None, "mark the test suite('postgresql')"
    # A socket path has at most 107 bytes, which pytest's own temporary folders can exceed.
    folder = Path(tempfile.mkdtemp(prefix="bk-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        data = folder / "data"
        common = ["-D", str(data)]
        _run([str(programs / "initdb"), *common, "-U", _SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], folder)
        options = f"{_SETTINGS} -c unix_socket_directories={folder}"
        _run([str(programs / "pg_ctl"), *common, "-w", "-l", str(folder / "log"), "-o", options, "start"], folder)
        try:
            yield Cluster(folder)
        finally:
            _run([str(programs / "pg_ctl"), *common, "-w", "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: Sequence[str], folder: Path) -> None:
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    subprocess.run(
        command,
        check=True,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=60,
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
    )
