"""How every command ends: with its exit code, or with one line that says what is wrong and one that says what to do."""

import os
import secrets
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

import typer

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["run_to_the_end"]

_USAGE_FAULT = 3
_INTERRUPTED = 130
_BROKEN_PIPE = 141  # as the shell counts a program that was stopped by its reader


def run_to_the_end(program: Callable[..., object], arguments: Sequence[str] | None) -> NoReturn:
    """Run a program of typer; every fault ends as a line on standard error and exit code 3, never as a stack trace.

    With `BLAUWEKNOP_DEBUG=1` a fault that nobody foresaw shows its trace.
    """
    try:
        code = program(args=list(arguments) if arguments is not None else None, prog_name="blauweknop", standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as error:
        _tell_usage(error)
        code = _USAGE_FAULT
    except typer.Abort:
        code = _INTERRUPTED
    except BlauweKnopError as error:
        typer.echo(f"blauweknop: {error}" + (f"\n  {error.remedy}" if error.remedy else ""), err=True)
        code = _USAGE_FAULT
    except BrokenPipeError:
        _give_up_output()
        code = _BROKEN_PIPE
    except SystemExit as stop:
        # typer turns a broken pipe into 1, the server says with 3 that it did not start; no command of ours exits by itself.
        code = _BROKEN_PIPE if stop.code == 1 else stop.code
    except ModuleNotFoundError as error:
        _tell_missing(error)
        code = _USAGE_FAULT
    except Exception as error:  # the last border: there is nobody else who could tell the user
        if os.environ.get("BLAUWEKNOP_DEBUG") == "1":
            raise
        typer.echo(f"blauweknop: {_unforeseen(error)}", err=True)
        code = _USAGE_FAULT
    sys.exit(code if isinstance(code, int) else 0)


def _tell_usage(error: typer.TyperException) -> None:
    """What is wrong with the call and where help is. The part of typer that shows this is not public, so we do it."""
    context = getattr(error, "ctx", None)
    command = str(getattr(context, "command_path", "blauweknop"))
    said = error.format_message() or "expected one of the commands"  # after its help typer says nothing
    typer.echo(f"blauweknop: {said}\n  see: {command} --help", err=True)


def _tell_missing(error: ModuleNotFoundError) -> None:
    """The parts for serving and sealing are extras (pyproject.toml); who only checks documents may do without them."""
    typer.echo(
        f"blauweknop: this needs the package {error.name}, which is not installed\n"
        "  install all parts: pip install 'blauweknop[all]'; verify and extract only need a trust list in a file (--trust-list)",
        err=True,
    )


def _unforeseen(error: Exception) -> str:
    """A number to quote, and where it happened; the text of the error can hold a person's value and is left out."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_globals.get('__name__', '?')}:{place.tb_lineno}" if place else "?"
    number = secrets.token_hex(4).upper()
    return f"unforeseen fault {number}: {type(error).__name__} at {where}\n  report these words; BLAUWEKNOP_DEBUG=1 shows more"


def _give_up_output() -> None:
    """Whoever read our output stopped reading; what is still to be written goes nowhere, also at the very end of the process."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
