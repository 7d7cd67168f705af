import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.suites import PROJECT, SUITES

_TEST = """
import pytest

@pytest.mark.suite("vnu", "qpdf")
def test_marked(): pass

def test_shared(shared_folder): pass
"""


def _run_without_programs(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_sample.py").write_text(_TEST)
    python = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "--rootdir", str(folder)]
    return subprocess.run(
        [*python, "-c", str(PROJECT / "pyproject.toml"), "-o", f"pythonpath={PROJECT / 'src'} {PROJECT}", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=folder,
        env={"PATH": "", "PYTHONPATH": f"{PROJECT / 'src'}{os.pathsep}{PROJECT}", "BLAUWEKNOP_SHARED": str(folder), **environment},
    )


def test_a_missing_program_is_named_with_its_command_and_the_count_comes_last(tmp_path: Path) -> None:
    done = _run_without_programs(tmp_path)
    lines = done.stdout.strip().splitlines()

    assert done.returncode == 0, done.stdout + done.stderr
    assert lines[-1].startswith("2 skipped in ")
    assert any(line.startswith("shared: 1 test; install with: ") for line in lines)
    assert "qpdf: 1 test; install with: apt-get install qpdf" in lines
    assert "vnu: 1 test; install with: bash .ci/install-tools npm" in lines


@pytest.mark.parametrize("demanded", ["all", "shared,qpdf,vnu"])
def test_a_demanded_suite_that_is_missing_fails(tmp_path: Path, demanded: str) -> None:
    done = _run_without_programs(tmp_path, BLAUWEKNOP_REQUIRE_SUITES=demanded)

    assert done.returncode == 1
    assert "2 errors" in done.stdout


@pytest.mark.parametrize("name", sorted(SUITES))
def test_each_suite_says_how_to_install_it(name: str) -> None:
    assert SUITES[name].install
    assert SUITES[name].present() in {True, False}
