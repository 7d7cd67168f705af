"""Npm @auth0/mdl as a judge of many mobile documents at once: `mdl.mjs` in one process."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.suites import mdl_folder

__all__ = ["judge_mdocs"]

_SCRIPT = Path(__file__).with_name("mdl.mjs")


def judge_mdocs(responses: Sequence[bytes], transcript: bytes, root: str) -> list[dict[str, Any]]:
    """Of each DeviceResponse the checks that `failed` and its `values`; `transcript` is CBOR inside CBOR, `root` PEM."""
    judge = {"responses": [response.hex() for response in responses], "transcript": transcript.hex(), "roots": [root]}
    given = json.dumps({"modules": str(mdl_folder()), "judgeAll": judge})
    done = subprocess.run(["node", str(_SCRIPT)], input=given, capture_output=True, text=True, check=True, timeout=60)
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers
