"""A whole installation in a folder to break: the exercise scheme without its server, and an input to seal."""

import functools
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from blauweknop.adapters.settings import Settings, load_settings
from blauweknop.adapters.sources.open import open_source
from blauweknop.cli.main import app, run
from blauweknop.cli.seal_input import example_input
from blauweknop.demo.scheme import prepare_scheme
from blauweknop.domain.document import Found, JsonValue, Snapshot

NOW = datetime.now(UTC).replace(microsecond=0)
DATASET = "duo.studieschuld"


@functools.cache
def _prepared() -> tuple[Path, Snapshot]:
    folder = Path(tempfile.mkdtemp(prefix="installation-"))
    scheme = prepare_scheme(folder, "http://127.0.0.1:8000", 36, now=NOW)
    dataset = scheme.catalogue.dataset(DATASET)
    source = open_source(scheme.settings.sources["duo"].datasets[DATASET])
    outcomes = (source.fetch(person.bsn, dataset, at=NOW) for person in scheme.people)
    return folder, next(outcome.snapshot for outcome in outcomes if isinstance(outcome, Found))


def install(folder: Path) -> Path:
    """A fresh copy below `folder`; gives the configuration file."""
    shutil.copytree(_prepared()[0], folder / "installation")
    return folder / "installation" / "blauweknop.toml"


def forget_database(config: Path) -> Path:
    """As before the first document: the tables are still to be made."""
    for file in config.parent.glob("blauweknop.db*"):
        file.unlink()
    return config


def forget_bundle(config: Path) -> Path:
    """As a receiver who has the trust list alone."""
    (config.parent / "bundle.json").unlink()
    return config


def settings_of(config: Path) -> Settings:
    return load_settings(config)


def rewrite(config: Path, old: str, new: str) -> None:
    """Change the configuration; what is to be changed must be there."""
    text = config.read_text("utf-8")
    assert old in text
    config.write_text(text.replace(old, new), "utf-8")


def snapshot() -> Snapshot:
    return _prepared()[1]


def seal_input() -> dict[str, JsonValue]:
    """A right input of the data set `DATASET`."""
    copied: dict[str, JsonValue] = json.loads(json.dumps(example_input(snapshot(), "duo")))
    return copied


def exit_of(arguments: Sequence[str], program: Callable[..., object] = app) -> int:
    """What `blauweknop` with these arguments ends with."""
    with pytest.raises(SystemExit) as stopped:
        run(arguments, program=program)
    assert isinstance(stopped.value.code, int)
    return stopped.value.code
