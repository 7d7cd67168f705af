"""Several documents as one ZIP, with a page of text that says what is in it and what is not, and why."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.dates import moment_in_words
from blauweknop.domain.document import Found, Outcome, Selection, SourceIdentity
from blauweknop.issuer.certify import MadeDocument
from blauweknop.issuer.outcome_words import outcome_words

__all__ = ["README_NAMES", "bundle_documents"]

README_NAMES = {"nl": "LEESMIJ.txt", "en": "README.txt"}
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)


def bundle_documents(
    made: Sequence[MadeDocument],
    selections: Sequence[Selection],
    outcomes: Mapping[str, Outcome],
    datasets: Mapping[str, Dataset],
    *,
    source: SourceIdentity,
    check_url: str,
    made_at: datetime,
    language: str,
) -> bytes:
    """The ZIP; the same input gives the same bytes. What was asked and is missing stands in the text with its reason."""
    lines = [
        sentence("issuer.bundle.title", language, source=source.name),
        sentence("issuer.bundle.made", language, moment=moment_in_words(made_at, language)),
        "",
        sentence("issuer.bundle.inside", language),
        *(_line_of(item, language) for item in made),
    ]
    missing = [selection.dataset_id for selection in selections if not isinstance(outcomes.get(selection.dataset_id), Found)]
    if missing:
        lines += ["", sentence("issuer.bundle.missing", language)]
        for dataset_id in missing:
            words = outcome_words(outcomes.get(dataset_id), source=source.name, language=language)
            lines.append(f"- {datasets[dataset_id].title.in_language(language)}: {words}")
    lines += ["", sentence("issuer.bundle.check", language, address=check_url), ""]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(README_NAMES[language], _FIXED_TIME), "\r\n".join(lines))
        for item in made:
            archive.writestr(zipfile.ZipInfo(item.file_name, _FIXED_TIME), item.document.pdf)
    return out.getvalue()


def _line_of(item: MadeDocument, language: str) -> str:
    line = f"- {item.file_name}: {item.dataset.title.in_language(language)}"
    return f"{line} ({sentence('issuer.bundle.no_time_stamp', language)})" if item.document.level == "B-B" else line
