"""Attacks on every parser that takes foreign bytes: seeds of our own making, changes that know the format, and bounds that must hold.

`python -m fuzz` lists the targets, `python -m fuzz TARGET --minutes 10` attacks one; docs/fuzzing.md says how to read what comes out.
A short run of each target is part of the tests (`tests/security/test_fuzz.py`).
"""
