import re
import tomllib
from importlib.metadata import Distribution, distribution

import pytest

from tests.suites import PROJECT

_REQUIREMENTS = PROJECT / "requirements"
# Copyleft that would bind the whole product; the LGPL and the MPL bind their own files only.
_FORBIDDEN = re.compile(r"(?<!L)(?<!Lesser )\bA?GPL|Affero|(?<!Lesser )(?<!Library or Lesser )General Public License", re.IGNORECASE)


def _pins(name: str) -> dict[str, str]:
    lines = (_REQUIREMENTS / name).read_text(encoding="utf-8").splitlines()
    return dict(line.split(";")[0].strip(" \\").split("==") for line in lines if re.match(r"[a-z0-9]", line))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _licence(package: Distribution) -> str:
    fields = package.metadata
    said = fields.get_all("License-Expression", []) or [text.split("\n")[0] for text in fields.get_all("License", [])]
    said += [line for line in fields.get_all("Classifier", []) if line.startswith("License ::")]
    return "; ".join(line for line in said if line and line != "UNKNOWN")


def _direct_dependencies() -> set[str]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = [*project["project"]["dependencies"]]
    for group in (*project["project"]["optional-dependencies"].values(), *project["dependency-groups"].values()):
        listed += group
    names = {_normal(re.split(r"[\[<>=!~; ]", line)[0]) for line in listed}
    return names - {"blauweknop"}


@pytest.mark.parametrize("package", sorted(_pins("product.txt")))
def test_no_licence_of_a_product_dependency_binds_the_whole_product(package: str) -> None:
    try:
        licence = _licence(distribution(package))
    except ModuleNotFoundError:
        pytest.skip("not for this platform")

    assert licence
    assert not _FORBIDDEN.search(licence), licence


@pytest.mark.parametrize(
    "licence", ["AGPL-3.0-only", "GPL-2.0-or-later", "GNU Affero General Public License v3", "GNU General Public License"]
)
def test_the_licence_rule_refuses_strong_copyleft(licence: str) -> None:
    assert _FORBIDDEN.search(licence)


@pytest.mark.parametrize("licence", ["LGPL-3.0-only", "GNU Lesser General Public License v3 (LGPLv3)", "MPL-2.0", "MIT"])
def test_the_licence_rule_allows_copyleft_of_a_library_alone(licence: str) -> None:
    assert not _FORBIDDEN.search(licence)


@pytest.mark.parametrize("name", ["product.txt", "test.txt", "bench.txt"])
def test_a_lock_names_hashes_and_no_addresses(name: str) -> None:
    lock = (_REQUIREMENTS / name).read_text(encoding="utf-8")

    assert "://" not in lock
    assert "--index-url" not in lock
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=[a-z0-9])", lock.strip()))


@pytest.mark.parametrize(("smaller", "larger"), [("product.txt", "test.txt"), ("test.txt", "bench.txt")])
def test_a_larger_lock_holds_the_smaller_one(smaller: str, larger: str) -> None:
    assert _pins(smaller).items() <= _pins(larger).items()


def test_each_dependency_has_its_reason_written_down() -> None:
    reasons = (PROJECT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    explained = {_normal(name) for name in re.findall(r"^\| `([^`]+)`", reasons, flags=re.MULTILINE)}

    assert _direct_dependencies() == explained
