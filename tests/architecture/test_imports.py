import subprocess
import sys

from tests.suites import PROJECT


def test_every_import_follows_the_layers_of_the_house() -> None:
    checked = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-logo", "--no-cache"],
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
        env={"PYTHONPATH": str(PROJECT / "src"), "PATH": ""},
        timeout=120,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr
