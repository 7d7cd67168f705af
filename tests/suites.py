"""The optional programs that some tests need: where each is found and the command that installs it.

A test says `@pytest.mark.suite("chromium")`. Without the program it is skipped with a reason; with `BLAUWEKNOP_REQUIRE_SUITES=all`
(or a list of names with commas) it fails instead, so that a machine meant to run everything cannot pass by skipping.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "CHROMIUM_PATIENCE",
    "PROJECT",
    "SUITES",
    "Suite",
    "chromium_program",
    "dss_classpath",
    "mdl_folder",
    "missing_suites",
    "node_modules",
    "pdfjs_folder",
    "postgresql_folder",
    "required",
    "shared_material",
    "softhsm_library",
    "spectral_program",
    "verapdf_classpath",
    "vnu_jar",
    "wallets_folder",
]

PROJECT = Path(__file__).resolve().parent.parent
_TOOLS = PROJECT / "var" / "tools"
CHROMIUM_PATIENCE = 60_000  # milliseconds, on a busy machine; what goes well waits no longer than it takes
_NPM = "bash .ci/install-tools npm"


@dataclass(frozen=True, slots=True)
class Suite:
    """One optional program or set of them."""

    name: str
    present: Callable[[], bool]
    install: str


def missing_suites(names: Sequence[str]) -> tuple[Suite, ...]:
    """Which of these suites cannot run on this machine.

    Raises:
        KeyError: a name that is not in SUITES.
    """
    return tuple(suite for suite in (SUITES[name] for name in names) if not suite.present())


def required(suite: Suite) -> bool:
    """Whether a missing suite is a failure on this machine."""
    wanted = os.environ.get("BLAUWEKNOP_REQUIRE_SUITES", "")
    return wanted == "all" or suite.name in wanted.split(",")


def shared_material() -> Path | None:
    """The folder with test vectors that lies beside the project; not part of a release."""
    folder = Path(os.environ.get("BLAUWEKNOP_SHARED", PROJECT.parent / "shared"))
    return folder.resolve() if (folder / "vectors").is_dir() else None


def chromium_program() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def postgresql_folder() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, which Debian keeps off the path; the newest version wins."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda program: int(program.parts[-3]))
    return found[-1].parent if found else None


def softhsm_library() -> Path | None:
    """The PKCS#11 module of SoftHSM."""
    folders = ("/usr/lib", "/usr/local/lib", "/opt/homebrew/lib")
    found = [path for folder in folders for path in sorted(Path(folder).glob("**/softhsm/libsofthsm2.so"))]
    return found[0] if found else None


def verapdf_classpath() -> str | None:
    """What `java -cp` needs to start veraPDF."""
    named = os.environ.get("BLAUWEKNOP_VERAPDF_CLASSPATH")
    if named:
        return named
    folder = _TOOLS / "verapdf"
    return str(folder / "*") if any(folder.glob("*.jar")) else None


def dss_classpath() -> str | None:
    """What `java -cp` needs to start EU DSS; a small program of ours stands in front of it, so a compiler is needed too."""
    folder = _TOOLS / "dss"
    return str(folder / "*") if any(folder.glob("*.jar")) and shutil.which("javac") else None


def node_modules() -> Path | None:
    """The folder of Node packages that tests start: a login provider that is not ours."""
    folder = _TOOLS / "node_modules"
    complete = all((folder / name / "package.json").is_file() for name in ("oidc-provider", "openid-client", "jose"))
    return folder if complete and shutil.which("node") else None


def mdl_folder() -> Path | None:
    """The Node packages with one that reads and writes mobile documents and is not ours."""
    folder = _TOOLS / "node_modules"
    return folder if (folder / "@auth0" / "mdl" / "package.json").is_file() and shutil.which("node") else None


def wallets_folder() -> Path | None:
    """The Node packages of wallets that are not ours, and of what such wallets read credentials with."""
    folder = _TOOLS / "wallets" / "node_modules"
    complete = all(
        (folder / name / "package.json").is_file() for name in ("@credo-ts/openid4vc", "@openid4vc/openid4vci", "@sd-jwt/sd-jwt-vc")
    )
    return folder if complete and shutil.which("node") else None


def pdfjs_folder() -> Path | None:
    """The package of pdf.js, the viewer of Firefox; tests run it in Chromium."""
    folder = _TOOLS / "node_modules" / "pdfjs-dist"
    return folder if (folder / "build" / "pdf.mjs").is_file() else None


def vnu_jar() -> Path | None:
    """The Nu HTML checker."""
    jar = _TOOLS / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    return jar if jar.is_file() and shutil.which("java") else None


def spectral_program() -> Path | None:
    """The linter of API descriptions."""
    program = _TOOLS / "node_modules" / ".bin" / "spectral"
    return program if program.exists() and shutil.which("node") else None


def _programs(*names: str) -> Callable[[], bool]:
    return lambda: all(shutil.which(name) for name in names)


SUITES = {
    suite.name: suite
    for suite in (
        Suite("shared", lambda: shared_material() is not None, "put the shared test material beside the project, or set BLAUWEKNOP_SHARED"),
        Suite("openssl", _programs("openssl"), "apt-get install openssl"),
        Suite("chromium", lambda: chromium_program() is not None, "apt-get install chromium"),
        Suite("poppler", _programs("pdfsig", "pdftotext", "pdftoppm", "pdfinfo"), "apt-get install poppler-utils"),
        Suite("qpdf", _programs("qpdf"), "apt-get install qpdf"),
        Suite("mupdf", _programs("mutool"), "apt-get install mupdf-tools"),
        Suite("softhsm", lambda: bool(softhsm_library() and shutil.which("softhsm2-util")), "apt-get install softhsm2"),
        Suite("postgresql", lambda: postgresql_folder() is not None, "apt-get install postgresql"),
        Suite("verapdf", lambda: bool(verapdf_classpath() and shutil.which("java")), "bash .ci/install-tools verapdf"),
        Suite("dss", lambda: bool(dss_classpath() and shutil.which("java")), "bash .ci/install-tools dss"),
        Suite("curl", _programs("curl"), "apt-get install curl"),
        Suite("spectral", lambda: spectral_program() is not None, _NPM),
        Suite("vnu", lambda: vnu_jar() is not None, _NPM),
        Suite("pdfjs", lambda: pdfjs_folder() is not None, _NPM),
        Suite("mdl", lambda: mdl_folder() is not None, _NPM),
        Suite("wallets", lambda: wallets_folder() is not None, "bash .ci/install-tools wallets"),
        Suite("oidc-provider", lambda: node_modules() is not None, _NPM),
    )
}
