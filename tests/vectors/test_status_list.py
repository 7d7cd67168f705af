import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from blauweknop.standards import base64url
from blauweknop.standards.status_list import StatusList, compress, decompress, read_reference

NAMES = [f"status_list_encoding{kind}_json.md" for kind in ("", "2", "4", "8", "1_long", "2_long")]
PLACES_OF_FOUR_BITS = (1993, 35460, 459495, 595669, 754353, 845645, 923232, 924445, 934534, 1004534, 1000345, 1030203, 1030204, 1030205)
# Of the long examples the draft gives which places have which value.
OF_LONG_EXAMPLES = {
    1: {0: 1, 1993: 1, 25460: 1, 159495: 1, 495669: 1, 554353: 1, 645645: 1, 723232: 1, 854545: 1, 934534: 1, 1000345: 1},
    2: {0: 1, 1993: 2, 25460: 1, 159495: 3, 495669: 1, 554353: 1, 645645: 2, 723232: 1, 854545: 1, 934534: 2, 1000345: 3},
    4: {0: 1} | {place: value for value, place in enumerate(PLACES_OF_FOUR_BITS, start=2)},
}


@pytest.fixture(scope="module")
def examples(shared_folder: Path) -> Path:
    return shared_folder / "vectors" / "status-list"


def object_in(text: str) -> Any:
    """The JSON in an example, which is folded where it is long."""
    return json.loads(re.sub(r"\n\s*", "", text[text.index("{") :]))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_of_the_draft(name: str, examples: Path) -> None:
    text = (examples / name).read_text()
    found = object_in(text)
    statuses = decompress(base64url.decode(found["lst"]), found["bits"])
    assert base64url.encode(compress(statuses, 9)) == found["lst"]
    listed = re.search(r"byte_array = \[(.*?)\]", text)
    if listed:
        assert statuses.entries == bytes(int(byte, 16) for byte in listed[1].split(","))
    else:
        assert len(statuses) == 1 << 20
        values = {index: status for index in range(1 << 20) if (status := statuses.status(index))}
        assert values == OF_LONG_EXAMPLES.get(found["bits"], values)
        if found["bits"] == 8:
            assert sorted(values.values()) == list(range(1, 256))
            assert (values[52451], values[576778], values[513575]) == (1, 2, 3)


def test_the_packing_of_our_own_vectors(shared_folder: Path) -> None:
    vectors = json.loads((shared_folder / "vectors" / "own" / "other_vectors.json").read_bytes())["status_list"]
    assert vectors
    for vector in vectors:
        values = vector["values"]
        statuses = StatusList.of_size(len(values), vector["bits"]).with_statuses(dict(enumerate(values)))
        assert statuses.entries.hex() == vector["packed_hex"]
        assert compress(statuses, 9).hex() == vector["zlib9_hex"]
        assert decompress(base64url.decode(vector["lst"]), vector["bits"]) == statuses


def test_the_example_of_a_token(examples: Path) -> None:
    header, payload = (object_in(part) for part in (examples / "status_list_jwt.md").read_text().split("\n.\n"))
    assert header["typ"] == "statuslist+jwt"
    parts = re.sub(r"\s", "", (examples / "status_list_jwt_raw.md").read_text()).split(".")
    assert [json.loads(base64.urlsafe_b64decode(part + "==")) for part in parts[:2]] == [header, payload | {"iss": "https://example.com"}]
    entries = payload["status_list"]
    assert [decompress(base64url.decode(entries["lst"]), entries["bits"]).status(index) for index in range(4)] == [1, 0, 0, 1]


def test_the_reference_of_the_draft() -> None:
    assert read_reference({"status_list": {"idx": 0, "uri": "https://example.com/statuslists/1"}}).index == 0
