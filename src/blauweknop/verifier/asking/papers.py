"""Papers that nobody certified, as a person sends them along (`bk_own_papers`; PROTOCOL 9.2): kept as they are, within limits, and never
opened here. In an update each says by `replaces`, from 1, in the place of which paper of the answer it comes: more papers never come so.
"""

import hashlib
import re
from collections.abc import Mapping

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.json_members import MalformedMember, Members, member_objects, member_text
from blauweknop.verifier.asking.judging import ResponseProblem

__all__ = ["PAPER_TYPES", "Paper", "newer_papers", "own_papers"]

Paper = Mapping[str, JsonValue]
"""One paper as it came; of one that came in an update `came_at` is when."""

PAPER_TYPES: Mapping[str, bytes] = {"application/pdf": b"%PDF-", "image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
"""What each begins with: a paper that calls itself otherwise than it is carries something else."""
_MOST_PAPERS = 10
_TITLE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]{1,200}")


def own_papers(members: Members) -> tuple[Paper, ...]:
    """The papers in an answer.

    Raises:
        ResponseProblem: `response_papers`, too many, of another type, or not what their hash says.
    """
    return tuple(paper for _, paper in _papers(members))


def newer_papers(members: Members) -> Mapping[int, Paper]:
    """The papers in an update, each by the number of the one that it replaces.

    Raises:
        ResponseProblem: `response_papers`, as in an answer, and when one replaces none or two replace the same.
    """
    papers: dict[int, Paper] = {}
    for given, paper in _papers(members):
        place = given.get("replaces")
        if not isinstance(place, int) or isinstance(place, bool) or place < 1 or place in papers:
            raise ResponseProblem("response_papers", "expected every paper in the place of another one")
        papers[place] = paper
    return papers


def _papers(members: Members) -> list[tuple[Members, Paper]]:
    """Each with what was given for it."""
    if "bk_own_papers" not in members:
        return []
    try:
        return [(given, _paper(given)) for given in member_objects(members, "bk_own_papers", most=_MOST_PAPERS)]
    except (MalformedMember, MalformedBase64) as problem:
        raise ResponseProblem("response_papers", str(problem)) from problem


def _paper(members: Members) -> Paper:
    content, kind = member_text(members, "content"), member_text(members, "media_type")
    paper: dict[str, JsonValue] = {
        "title": member_text(members, "title", _TITLE),
        "media_type": kind,
        "sha256": member_text(members, "sha256"),
        "content": content,
    }
    if kind not in PAPER_TYPES:
        raise MalformedMember("expected media_type of a PDF or a picture")
    decoded = base64url.decode_standard(content)
    if not decoded.startswith(PAPER_TYPES[kind]):
        raise MalformedMember("expected content of its media_type")
    if hashlib.sha256(decoded).hexdigest() != paper["sha256"]:
        raise MalformedMember("expected content that has its sha256")
    return paper
