"""The door to receivers: nobody knows beforehand who asks, and nobody gets us inside a network."""

import pytest

from blauweknop.assembly.sharing import receiver_send
from blauweknop.holder.collecting.ports import SourceProblem

INSIDE = (
    "https://127.0.0.1/x",
    "https://[::1]/x",
    "https://169.254.169.254/latest/meta-data",
    "https://10.0.0.8/x",
    "https://192.168.1.1/x",
    "https://[fd00::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://0.0.0.0/x",
)


def as_written(name: str, _: int) -> list[str]:
    return [name]


@pytest.mark.parametrize("address", INSIDE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_inside_a_network_is_refused(address: str, method: str) -> None:
    with pytest.raises(SourceProblem) as caught:
        receiver_send(exercise=False, look_up=as_written)(method, address, headers={}, content=b"x")
    assert caught.value.code == "unreachable"


@pytest.mark.parametrize(
    "address",
    ["http://proef.example/x", "https://proef.example:8443/x", "ftp://proef.example/x", "https://a@proef.example/x", "https://[x/", "x"],
)
def test_only_https_at_its_usual_port_is_asked(address: str) -> None:
    with pytest.raises(SourceProblem) as caught:
        receiver_send(exercise=False, look_up=as_written)("POST", address, headers={}, content=b"x")
    assert caught.value.code == "unreachable"


@pytest.mark.parametrize("address", [address for address in INSIDE if "127.0.0.1" not in address and "::1]" not in address])
def test_an_exercise_reaches_this_machine_and_nothing_else_inside(address: str) -> None:
    with pytest.raises(SourceProblem) as caught:
        receiver_send(exercise=True, look_up=as_written)("POST", address, headers={}, content=b"x")
    assert caught.value.code == "unreachable"
