"""Finds what was made for a person about a data set, without keeping who that is: a keyed hash of the burgerservicenummer (PROTOCOL 9.4).

Whoever steals the database cannot try numbers without the secret key of the storage. A tag is of one source and one data set, so two
data sets of a person have nothing in common. It is kept only with what has a place in a status list: for nothing else is it of use.
"""

from blauweknop.adapters.row_encryption import RowKey
from blauweknop.domain.identifiers import Bsn

__all__ = ["acting_tag", "person_tag"]


def person_tag(key: RowKey, person: Bsn, *, source: str, dataset_id: str) -> bytes:
    """32 bytes, the same for everything that this source made for this person about this data set."""
    return key.tag(f"person|{source}|{dataset_id}", person.digits)


def acting_tag(key: RowKey, identifier: str, *, source: str) -> bytes:
    """32 bytes, the same for everything that this source gave to whom the login provider calls so, for whomever they acted."""
    return key.tag(f"acting|{source}", identifier)
