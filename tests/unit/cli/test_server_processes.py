import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from blauweknop.cli.server_processes import AT_A_TURN, SharedListener

_PATIENCE_SECONDS = 60
_TOGETHER = 200  # more than wait at an ordinary listener

_SAY_PID = r"os.write(1, b'%d\n' % os.getpid())"
_WAIT = f"{_SAY_PID}; signal.pause()"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere server processes are no forks")


def test_each_process_does_the_work() -> None:
    with _serving(_WAIT, 3) as process:
        assert len({_pid(process) for _ in range(3)} - {process.pid}) == 3


def test_a_process_that_ends_is_begun_anew() -> None:
    with _serving(_WAIT, 1) as process:
        first = _pid(process)
        os.kill(first, signal.SIGKILL)
        assert _pid(process) != first


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_no_process_is_left_when_it_is_told_to_stop(told: signal.Signals) -> None:
    with _serving(_WAIT, 2) as process:
        workers = [_pid(process), _pid(process)]
        process.send_signal(told)
        assert process.wait(_PATIENCE_SECONDS) == 0
    assert not [worker for worker in workers if _lives(worker)]


@pytest.mark.parametrize("ending", ["sys.exit(3)", "raise ValueError", "pass"])
def test_what_a_process_cannot_begin_is_not_tried_over_and_over(ending: str) -> None:
    with _serving(f"{_SAY_PID}; {ending}", 1) as process:
        assert process.wait(_PATIENCE_SECONDS) == 1
        assert process.stdout is not None
        assert len(process.stdout.read().splitlines()) == 1


def test_a_process_takes_one_connection_a_turn_and_lets_many_wait(tmp_path: Path) -> None:
    taken: list[int] = []

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_unix_server(_taking(taken), sock=_shared(address), backlog=AT_A_TURN)
        with ExitStack() as clients:
            for _ in range(_TOGETHER):
                clients.enter_context(_connected(address))
            while len(taken) < _TOGETHER:
                before = len(taken)
                await asyncio.sleep(0)
                assert len(taken) <= before + 1
            server.close()

    address = str(tmp_path / "socket")
    asyncio.run(asyncio.wait_for(serve(), _PATIENCE_SECONDS))


def test_with_a_second_thread_there_is_no_fork() -> None:
    lines = (
        "import threading",
        "from blauweknop.cli.server_processes import can_fork",
        "done, alone = threading.Event(), can_fork()",
        "threading.Thread(target=done.wait).start()",
        "print(alone, can_fork())",
        "done.set()",
    )
    said = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True, timeout=_PATIENCE_SECONDS)
    assert said.stdout.split() == ["True", "False"]


def _taking(taken: list[int]) -> type[asyncio.Protocol]:
    class Taking(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            taken.append(1)
            transport.close()

    return Taking


def _shared(address: str) -> SharedListener:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    return SharedListener(fileno=listener.detach())


def _connected(address: str) -> closing[socket.socket]:
    """Refused at once where no more may wait."""
    client = socket.socket(socket.AF_UNIX)
    client.setblocking(False)
    client.connect(address)
    return closing(client)


@contextmanager
def _serving(work: str, count: int) -> Iterator[subprocess.Popen[str]]:
    """It ends with 0 when it was told to, with 1 when a process could not begin."""
    lines = (
        "import os, signal, sys",
        "from blauweknop.cli.server_processes import serve_in_forks",
        "def work():",
        f"    {work}",
        f"sys.exit(not serve_in_forks(work, {count}))",
    )
    call = [sys.executable, "-c", "\n".join(lines)]
    with subprocess.Popen(call, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def _pid(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
