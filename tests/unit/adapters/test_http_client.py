import pytest

from blauweknop.adapters.http_client import FetchProblem, GuardedClient, Reach


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://register.example/x", "address"),
        ("ftp://register.example/x", "address"),
        ("https://user:secret@register.example/x", "address"),
        ("https:///x", "address"),
        ("https://register.example:99999/x", "address"),
        ("https://régister.example/x", "address"),
        ("https://elsewhere.example/x", "host"),
        ("https://register.example:8443/x", "host"),
        ("https://register.example.evil.example/x", "host"),
        ("http://127.0.0.1/x", "address"),
    ],
)
def test_an_address_that_was_not_named_is_never_asked(url: str, code: str) -> None:
    client = GuardedClient(Reach(frozenset({"register.example"})))

    with pytest.raises(FetchProblem) as problem:
        client.send("GET", url)

    assert problem.value.code == code


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "169.254.169.254",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 # an address that must be refused
        "224.0.0.1",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:169.254.169.254]",
        "[2002:7f00:1::]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::a9fe:a9fe]",
        "[64:ff9b:1::7f00:1]",
    ],
)
def test_an_address_inside_a_network_is_refused_even_when_it_is_on_the_list(host: str) -> None:
    client = GuardedClient(Reach(frozenset({host})), look_up=lambda name, _port: [name])

    with pytest.raises(FetchProblem) as problem:
        client.send("GET", f"https://{host}/latest/meta-data")

    assert problem.value.code == "private"


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "127.0.0.1", "0.0.0.0"])  # noqa: S104 # must be refused
def test_a_private_network_that_is_allowed_still_excludes_this_machine_and_its_link(host: str) -> None:
    client = GuardedClient(Reach(frozenset({host}), allow_private=True), look_up=lambda name, _port: [name])

    with pytest.raises(FetchProblem) as problem:
        client.send("GET", f"https://{host}/")

    assert problem.value.code == "private"


def test_the_problem_does_not_repeat_the_address() -> None:
    client = GuardedClient(Reach(frozenset({"register.example"})))

    with pytest.raises(FetchProblem) as problem:
        client.send("GET", "https://elsewhere.example/klant/900000016")

    assert "900000016" not in f"{problem.value}{problem.value.remedy}"


def test_a_name_with_one_address_inside_is_refused_before_any_connection() -> None:
    client = GuardedClient(Reach(frozenset({"rebind.example"})), look_up=lambda _name, _port: ["93.184.216.34", "127.0.0.1"])

    with pytest.raises(FetchProblem) as problem:
        client.send("GET", "https://rebind.example/")

    assert problem.value.code == "private"


def test_a_name_without_address_is_a_connection_problem() -> None:
    client = GuardedClient(Reach(frozenset({"nowhere.example"})), look_up=lambda _name, _port: [])

    with pytest.raises(FetchProblem) as problem:
        client.send("GET", "https://nowhere.example/")

    assert problem.value.code == "connection"
