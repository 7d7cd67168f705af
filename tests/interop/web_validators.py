"""Judges of pages that are not ours: the Nu HTML checker and axe. A test that calls one marks the suite `vnu` or `chromium`."""

import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.suites import vnu_jar

__all__ = ["axe_violations", "html_errors"]

_JAVA = ("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss16m")  # for a short run; the schema of HTML is deep
_WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")


def html_errors(pages: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The errors of the Nu HTML checker per page, all pages in one start of Java; `pages` maps a name to the HTML.

    Raises:
        json.JSONDecodeError: the checker did not run.
    """
    if not pages:
        return {}
    jar = vnu_jar()
    assert jar is not None, "mark the test suite('vnu')"
    found: dict[str, list[str]] = {name: [] for name in pages}
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for number, (name, html) in enumerate(pages.items()):
            file = Path(folder) / f"{number}.html"
            file.write_text(html, encoding="utf-8")
            files[file.as_uri().replace("file:///", "file:/")] = name
        command = [*_JAVA, "-jar", str(jar), "--stdout", "--exit-zero-always", "--errors-only", "--format", "json"]
        done = subprocess.run(
            [*command, *(str(Path(folder) / f"{number}.html") for number in range(len(pages)))],
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
            stdin=subprocess.DEVNULL,
        )
        for message in json.loads(done.stdout)["messages"]:
            found[files[message["url"]]].append(f"line {message.get('lastLine', '?')}: {message['message']}")
    return {name: tuple(messages) for name, messages in found.items()}


def axe_violations(page: Page) -> tuple[str, ...]:
    """What axe finds against WCAG 2.2 AA and good practice on the page as it stands in the browser: rule, impact and places.

    Every rule is tried on every element; only what is wrong is told in full and leaves the browser.
    """
    if page.evaluate("typeof axe") == "undefined":  # once for each document, however often it is judged
        page.evaluate(AXE_SCRIPT)
    violations = page.evaluate(
        "options => axe.run(options).then(results => results.violations)", {"runOnly": list(_WCAG), "resultTypes": ["violations"]}
    )
    return tuple(
        f"{violation['id']} ({violation['impact']}): {', '.join(str(node['target'][0]) for node in violation['nodes'])}"
        for violation in violations
    )
