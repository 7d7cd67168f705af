"""Seals and time stamps of each kind of key that the scheme allows, judged by others."""

import itertools
from pathlib import Path

import pytest

from blauweknop.register.exercise_keys import Algorithm
from tests.interop.pdf_validators import pdfsig
from tests.sealed_documents import document_of, judged, scheme_with
from tests.unit.issuer.source_world import SOURCE

_KINDS: tuple[Algorithm, ...] = ("P-256", "RSA-3072")


@pytest.mark.suite("poppler")
@pytest.mark.parametrize(("seal", "rest"), list(itertools.product(_KINDS, _KINDS)))
def test_a_document_with_seal_and_time_stamp_of_any_kind_of_key_is_good_to_everybody(
    tmp_path: Path, seal: Algorithm, rest: Algorithm
) -> None:
    scheme = scheme_with(tmp_path / "keys", seal=seal, rest=rest)
    pdf = document_of(scheme, seal_signer=scheme.seal_signer(SOURCE.id), credential_signer=scheme.credential_signer(SOURCE.id))
    assert judged(pdf, scheme) == []
    (tmp_path / "document.pdf").write_bytes(pdf)
    assert [(found.valid, found.total_document_signed) for found in pdfsig(tmp_path / "document.pdf")] == [(True, True)]
