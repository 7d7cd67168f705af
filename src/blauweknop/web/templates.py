"""The template environment: one folder per role, texts of the catalogue, money and dates in words."""

from collections.abc import Mapping
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import Litestar
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.dates import PartialDate, clock_in_words, date_in_words, moment_in_words, month_in_words
from blauweknop.domain.money import format_cents, format_euros
from blauweknop.domain.texts import Text
from blauweknop.web.assets import asset_address, theme_address
from blauweknop.web.contact import contact_of

__all__ = ["load_templates", "template_config", "template_environment"]

_ROLES = ("web", "issuer", "holder", "verifier", "register", "demo")


def template_environment(more: Mapping[str, Path] | None = None) -> Environment:
    """Templates by `role/name.html` from `blauweknop/<role>/templates`; `more` adds folders under other prefixes.

    A value that a template names but does not get is an error, never an empty place.
    """
    package = Path(str(files("blauweknop")))
    folders = {role: package / role / "templates" for role in _ROLES} | dict(more or {})
    environment = Environment(
        loader=PrefixLoader({prefix: FileSystemLoader(folder) for prefix, folder in folders.items()}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(t=_t, asset=asset_address, theme=theme_address)
    environment.filters.update(
        in_language=_in_language,
        money=_money,
        euros=_euros,
        day=_day,
        moment=_moment,
        clock=_clock,
        month=_month,
        machine_date=_machine_date,
        contact=contact_of,
    )
    return environment


def template_config(more: Mapping[str, Path] | None = None) -> TemplateConfig[JinjaTemplateEngine]:
    """The same, as Litestar takes it."""
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(template_environment(more)))


def load_templates(app: Litestar, role: str) -> None:
    """Compile the templates of a role before anybody comes, so that the first visitors do not wait for it."""
    engine = app.template_engine
    if isinstance(engine, JinjaTemplateEngine):
        for name in engine.engine.list_templates(filter_func=lambda name: name.startswith(("web/", f"{role}/"))):
            engine.engine.get_template(name)


@pass_context
def _t(context: Context, key: str, /, **values: object) -> str:
    return sentence(key, context["language"], **values)


@pass_context
def _in_language(context: Context, text: Text | str) -> str:
    return text if isinstance(text, str) else text.in_language(context["language"])


@pass_context
def _money(context: Context, cents: int) -> str:
    return format_cents(cents, context["language"])


@pass_context
def _euros(context: Context, euros: int) -> str:
    return format_euros(euros, context["language"])


@pass_context
def _day(context: Context, value: date | PartialDate | str) -> str:
    """A day in words; a text must be an ISO date as our documents have it."""
    if isinstance(value, PartialDate):
        return value.in_words(context["language"])
    return date_in_words(date.fromisoformat(value) if isinstance(value, str) else value, context["language"])


@pass_context
def _moment(context: Context, value: datetime) -> str:
    return moment_in_words(value, context["language"])


@pass_context
def _clock(context: Context, value: datetime) -> str:
    return clock_in_words(value, context["language"])


@pass_context
def _month(context: Context, value: date | str) -> str:
    """`november 2026` of a date or of `2026-11`."""
    if isinstance(value, str):
        year, month = value.split("-")[:2]
        return month_in_words(int(year), int(month), context["language"])
    return month_in_words(value.year, value.month, context["language"])


def _machine_date(value: Any) -> str:
    """What `<time datetime>` may hold; empty for a date that is not wholly known."""
    if isinstance(value, PartialDate):
        return str(value.as_json().get("datum", ""))
    return value if isinstance(value, str) else str(value.isoformat())
