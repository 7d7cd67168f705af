from pathlib import Path

import pytest

from blauweknop.demo.request_file import request_file


def test_what_an_earlier_run_wrote_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "requests.log"
    path.write_text("earlier\n")
    path.with_name("requests.log.1").write_text("still earlier\n")

    with request_file(path) as log:
        log.write("now\n")

    assert path.read_text() == "now\n"
    assert not path.with_name("requests.log.1").exists()


def test_a_full_file_makes_room_and_the_part_before_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "requests.log"
    with request_file(path, most_bytes=100) as log:
        for number in range(100):
            log.write(f"line {number:04}\n")

    assert path.read_text().startswith("line 00")
    assert path.read_text().endswith("line 0099\n")
    assert path.stat().st_size <= 100
    assert path.with_name("requests.log.1").stat().st_size <= 100


def test_a_line_is_in_the_file_as_soon_as_it_is_written(tmp_path: Path) -> None:
    with request_file(tmp_path / "requests.log") as log:
        log.write("now\n")

        assert (tmp_path / "requests.log").read_text() == "now\n"


def test_a_file_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"requests\.log"):
        request_file(tmp_path / "not-there" / "requests.log")
