"""The driver of a hardware token (a PKCS #11 module), started so that several threads may use it.

`python-pkcs11` starts a module with C_Initialize(NULL), which promises that only one thread will call (PKCS #11 v2.40 section 5.4).
Our threads do call at once, so the module is started anew with CKF_OS_LOCKING_OK. A forked process must start it anew as well.
"""

import ctypes
from pathlib import Path

import pkcs11
from pkcs11.exceptions import PKCS11Error
from pkcs11.types import Token

from blauweknop.adapters.keys import KeyProblem

__all__ = ["start_module", "tokens_of"]

_OS_LOCKING_OK = 2
_OK = 0


class _InitializeArguments(ctypes.Structure):
    """CK_C_INITIALIZE_ARGS without functions for locks: the module takes those of the operating system."""

    _fields_ = (
        ("create", ctypes.c_void_p),
        ("destroy", ctypes.c_void_p),
        ("lock", ctypes.c_void_p),
        ("unlock", ctypes.c_void_p),
        ("flags", ctypes.c_ulong),
        ("reserved", ctypes.c_void_p),
    )


def start_module(path: Path) -> None:
    """Load the module and start it anew for this process; sessions that it had are gone.

    Raises:
        KeyProblem: it is not there, is no PKCS #11 module, or cannot be used by several threads.
    """
    if not path.is_file():
        raise KeyProblem(
            f"the PKCS #11 module {path.name} is not there", remedy="install the driver of your token and name its path in module"
        )
    try:
        pkcs11.lib(str(path))
        library = ctypes.CDLL(str(path))
        finalize, initialize = library.C_Finalize, library.C_Initialize
    except (PKCS11Error, OSError, AttributeError) as error:
        raise KeyProblem(
            f"{path.name} is no PKCS #11 module that starts", remedy="check that it is the driver of your token, for this machine"
        ) from error
    finalize(None)
    arguments = _InitializeArguments(flags=_OS_LOCKING_OK)
    if initialize(ctypes.byref(arguments)) != _OK:
        raise KeyProblem(
            f"the PKCS #11 module {path.name} does not start for several threads", remedy="ask its supplier for CKF_OS_LOCKING_OK"
        )


def tokens_of(path: Path, **wanted: str) -> list[Token]:
    """The tokens of a started module that have these attributes (label, serial, manufacturer_id, model), as they are now.

    Raises:
        PKCS11Error: the module does not answer.
    """
    found = []
    for token in pkcs11.lib(str(path)).get_tokens():
        serial = bytes(token.serial).decode("ascii", "replace").strip()
        known = {"token": token.label, "serial": serial, "manufacturer": token.manufacturer_id, "model": token.model}
        if all(str(known[name]).strip() == value for name, value in wanted.items() if value):
            found.append(token)
    return found
