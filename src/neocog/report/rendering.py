"""Templates: every value that is not markup is escaped, and rid of control and bidirectional characters."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from neocog.core.errors import plain


@cache
def environment() -> Environment:
    """The report's templates."""
    made = Environment(
        loader=PackageLoader("neocog.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["drawn"] = Markup
    return made


def rendered(template: str, **values: Any) -> Markup:
    """A template filled in."""
    return Markup(environment().get_template(template).render(**values))


def source(name: str) -> str:
    """A file of the templates as it is."""
    loader = environment().loader
    assert loader is not None
    return loader.get_source(environment(), name)[0]


def _shown(value: Any) -> Any:
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value
