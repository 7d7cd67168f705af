"""The examples of the draft in CBOR: lists, a token with its signature, and a credential that refers to a list."""

import re
from pathlib import Path

import pytest

from blauweknop.standards import cose
from blauweknop.standards.cose import CoseProblem
from blauweknop.standards.jwk import read_public_jwk
from blauweknop.standards.status_list import StatusList, StatusReference, compress, decompress, read_reference
from blauweknop.standards.strict_cbor import CborValue, read_cbor, write_cbor
from tests.vectors.test_status_list import OF_LONG_EXAMPLES

LISTS = ["", "2", "1_long", "2_long", "4", "8"]
DIAGRAMS = ["status_list_encoding_cbor", "status_list_encoding2_cbor", "status_list_cwt", "referenced_token_cwt"]
# The key "12" of the draft.
KEY = read_public_jwk(
    {
        "kty": "EC",
        "crv": "P-256",
        "x": "I3HWm_0Ds1dPMI-IWmf4mBmH-YaeAVbPVu7vB27CxXo",
        "y": "6N_d5Elj9bs1htgV3okJKIdbHEpkgTmAluYKJemzn1M",
    }
)
TOKEN = cose.Purpose(None, "application/statuslist+cwt", tagged=True)
CREDENTIAL = cose.Purpose(None, tagged=True)


@pytest.fixture(scope="module")
def examples(shared_folder: Path) -> Path:
    return shared_folder / "vectors" / "status-list"


def bytes_in(text: str) -> bytes:
    """The last hexadecimal in an example, which is folded where it is long."""
    return bytes.fromhex(re.sub(r"\s", "", text.rpartition("encoded:")[2]))


def value_in(data: bytes) -> CborValue:
    return read_cbor(data, max_bytes=1 << 16, tags={18})


def claims_of(data: bytes, purpose: cose.Purpose) -> dict[int | str, CborValue]:
    claims = value_in(cose.verify_cose(cose.parse_cose(value_in(data), purpose), KEY))
    assert isinstance(claims, dict)
    return claims


@pytest.mark.parametrize("kind", LISTS)
def test_an_example_of_a_list(kind: str, examples: Path) -> None:
    text = (examples / f"status_list_encoding{kind}_cbor.md").read_text()
    found = value_in(bytes_in(text))
    match found:
        case {"bits": int(bits), "lst": bytes(packed)}:
            statuses = decompress(packed, bits)
        case _:
            pytest.fail("no list")
    assert compress(statuses, 9) == packed
    listed = re.search(r"byte_array = \[(.*?)\]", text)
    if listed:
        assert statuses.entries == bytes(int(byte, 16) for byte in listed[1].split(","))
    else:
        assert len(statuses) == 1 << 20
        values = {index: status for index in range(1 << 20) if (status := statuses.status(index))}
        assert values == OF_LONG_EXAMPLES.get(bits, values)
        assert bits < 8 or sorted(values.values()) == list(range(1, 256))


@pytest.mark.parametrize("name", DIAGRAMS)
def test_a_diagram_is_of_the_bytes_beside_it(name: str, examples: Path) -> None:
    diagram = "".join(line.split("#")[0] for line in (examples / f"{name}_diag.md").read_text().splitlines())
    encoded = bytes.fromhex(re.sub(r"\s", "", diagram))
    assert encoded == bytes_in((examples / f"{name}.md").read_text())
    # The order of keys is not that of deterministic encoding in every example.
    assert len(write_cbor(value_in(encoded))) == len(encoded)


def test_the_example_of_a_token(examples: Path) -> None:
    claims = claims_of(bytes_in((examples / "status_list_cwt.md").read_text()), TOKEN)
    assert {label: claims[label] for label in (2, 6, 4, 65534)} == {
        2: "https://example.com/statuslists/1",
        6: 1686920170,
        4: 2291720170,
        65534: 43200,
    }
    entries = claims[65533]
    assert isinstance(entries, dict)
    assert decompress(bytes(entries["lst"]), 1) == StatusList(1, bytes.fromhex("b9a3"))  # type: ignore[arg-type] # it is bytes


def test_the_example_of_a_credential(examples: Path) -> None:
    claims = claims_of(bytes_in((examples / "referenced_token_cwt.md").read_text()), CREDENTIAL)
    assert read_reference(claims[65535]) == StatusReference(0, "https://example.com/statuslists/1")


def test_a_credential_is_no_token(examples: Path) -> None:
    with pytest.raises(CoseProblem) as caught:
        claims_of(bytes_in((examples / "referenced_token_cwt.md").read_text()), TOKEN)
    assert caught.value.code == "typ"


@pytest.mark.parametrize("place", [10, 60, 90, -1])
def test_an_example_that_is_changed_is_refused(place: int, examples: Path) -> None:
    changed = bytearray(bytes_in((examples / "status_list_cwt.md").read_text()))
    changed[place] ^= 1
    with pytest.raises(CoseProblem):
        claims_of(bytes(changed), TOKEN)
