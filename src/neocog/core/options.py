"""A signature is the one declaration of its options: parsing, checking, help and tables are all derived from it here.

An option is a keyword-only parameter of a class, a function or an option dataclass::

    depth: Annotated[int, Between(8, 110), "Number of weighted layers."] = 20

Kinds: ``int``, ``float``, ``bool``, ``str``, tuples of these, ``Literal``, and ``X | None``. As text a tuple is written
with ``+`` (``256+128``) and nothing is written ``none``.
"""

import difflib
import inspect
import math
import re
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from numbers import Integral, Real
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from neocog.core.errors import Problem, UsageProblem, raise_all
from neocog.core.rules import Above, AtLeast, Between, OneOf, Rule

REQUIRED = inspect.Parameter.empty
_YES = ("true", "yes", "on")
_NO = ("false", "no", "off")


@dataclass(frozen=True)
class Option:
    """One option: its name, kind (a type), default (``REQUIRED`` where there is none), rule and line of help."""

    name: str
    kind: Any
    default: Any = REQUIRED
    rule: Rule | None = None
    help: str = ""

    @property
    def required(self) -> bool:
        """Whether a value must be given."""
        return self.default is REQUIRED

    @property
    def expects(self) -> str:
        """What a value must be, in words: ``a whole number, 8 to 110``."""
        return ", ".join(filter(None, (_words(self.kind), str(self.rule) if self.rule else "")))


def options_of(target: Callable[..., Any]) -> dict[str, Option]:
    """The keyword-only parameters of a class, a function or a dataclass, in the order of their declaration."""
    hints = get_type_hints(target if _plain_holder(target) else target.__init__, include_extras=True)
    parameters = inspect.signature(target).parameters.values()
    keywords = [parameter for parameter in parameters if parameter.kind is inspect.Parameter.KEYWORD_ONLY]
    return {each.name: _option(each.name, hints.get(each.name, Any), each.default) for each in keywords}


def defaults_of(target: Callable[..., Any]) -> dict[str, Any]:
    """Every option that has a default, with that default."""
    return {name: option.default for name, option in options_of(target).items() if not option.required}


def parse(target: Callable[..., Any], texts: Mapping[str, Any], *, name: str = "") -> dict[str, Any]:
    """Turn texts, such as those of ``--set``, into checked values.

    Values that are no text are taken as they are, so that texts and values may be mixed.

    Args:
        target: whose options they are.
        texts: option names to texts.
        name: what the target is called in messages; its own name by default.

    Raises:
        UsageProblem: ``option-unknown`` or ``option-value``, all of them at once.
    """
    options = options_of(target)
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, text in texts.items():
        option = options.get(key)
        if option is None or not isinstance(text, str):
            values[key] = text
            continue
        try:
            values[key] = _read(option.kind, text.strip())
        except ValueError:
            problems.append(_bad_value(option, text, name or _name_of(target)))
    checked, more = _checked(options, values, name or _name_of(target))
    raise_all(problems + more)
    return checked


def check(target: Callable[..., Any], values: Mapping[str, Any], *, name: str = "") -> dict[str, Any]:
    """Check values against the signature that declares them; return them in the declared types.

    A whole number is taken where a number is wanted, and a list where a tuple is wanted (as TOML and JSON give them);
    a truth value is never taken for a number, nor NaN for a value.

    Args:
        target: whose options they are.
        values: option names to values; options that are left out stay out.
        name: what the target is called in messages; its own name by default.

    Raises:
        UsageProblem: ``option-unknown`` or ``option-value``, all of them at once.
    """
    checked, problems = _checked(options_of(target), values, name or _name_of(target))
    raise_all(problems)
    return checked


def near(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant, or None."""
    known = {_folded(known): known for known in names}
    close = difflib.get_close_matches(_folded(name), known, n=1, cutoff=0.6)
    return known[close[0]] if close else None


def show(value: Any) -> str:
    """A value as text that ``parse`` reads back."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, list)):
        return "+".join(show(item).replace("e+", "e") if _is_number(item) else show(item) for item in value) or "()"
    return repr(float(value)) if isinstance(value, float) else str(value)


def kind_name(kind: Any) -> str:
    """A kind in one or two words, for tables: ``int``, ``float+float+...``, ``text or none``."""
    if kind is str:
        return "text"
    if _is_union(kind):
        return " or ".join(kind_name(member) for member in get_args(kind))
    if kind is type(None):
        return "none"
    if get_origin(kind) is tuple:
        first, *rest = (kind_name(item) for item in get_args(kind) if item is not Ellipsis)
        return "+".join([first, *rest]) if Ellipsis not in get_args(kind) else f"{first}+{first}+..."
    return getattr(kind, "__name__", str(kind))


def _plain_holder(target: Any) -> bool:
    return not isinstance(target, type) or is_dataclass(target)


def _name_of(target: Any) -> str:
    return str(getattr(target, "__name__", target))


def _folded(name: str) -> str:
    return name.lower().replace("_", "-")


def _option(name: str, hint: Any, default: Any) -> Option:
    kind, extras = (get_args(hint)[0], get_args(hint)[1:]) if get_origin(hint) is Annotated else (hint, ())
    rule = next((extra for extra in extras if isinstance(extra, (Between, AtLeast, Above, OneOf))), None)
    if get_origin(kind) is Literal:
        choices = get_args(kind)
        kind, rule = type(choices[0]), rule or OneOf(*choices)
    return Option(name, kind, default, rule, next((extra for extra in extras if isinstance(extra, str)), ""))


def _checked(
    options: Mapping[str, Option], values: Mapping[str, Any], name: str
) -> tuple[dict[str, Any], list[Problem]]:
    checked: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, value in values.items():
        option = options.get(key)
        if option is None:
            problems.append(_unknown(key, options, name))
            continue
        try:
            checked[key] = _converted(option.kind, value)
        except ValueError:
            problems.append(_bad_value(option, value, name))
            continue
        if option.rule and checked[key] is not None and not option.rule.holds(checked[key]):
            problems.append(_bad_value(option, value, name))
    return checked, problems


def _unknown(key: str, options: Mapping[str, Option], name: str) -> Problem:
    meant = near(key, options)
    known = ", ".join(options) or "none"
    return UsageProblem(
        "option-unknown",
        f"{name} has no option `{key}`",
        where=f"{name}: {key}   known: {known}",
        help=f"did you mean `{meant}`?" if meant else "leave it out, or choose one of those known",
    )


def _bad_value(option: Option, value: Any, name: str) -> Problem:
    shown = value if isinstance(value, str) else show(value)
    near_choice = near(shown, map(str, option.rule.values)) if isinstance(option.rule, OneOf) else None
    default = "" if option.required else f"; the default is {show(option.default)}"
    return UsageProblem(
        "option-value",
        f"{name}: `{option.name}` cannot be `{shown}`",
        where=f"{name}: {option.name}={shown}   expected: {option.expects}",
        help=f"did you mean `{near_choice}`?" if near_choice else f"give {option.expects}{default}",
    )


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _order(kind: Any) -> int:
    """Unions are read strictest member first, text last."""
    strictness = (type(None), bool, int, float)
    return len(strictness) + 1 if kind is str else strictness.index(kind) if kind in strictness else len(strictness)


def _read(kind: Any, text: str) -> Any:
    if _is_union(kind):
        return _first_that_fits(_read, kind, text)
    if kind is type(None):
        return _required(text.lower() == "none", None)
    if kind is bool:
        return _required(text.lower() in _YES + _NO, text.lower() in _YES)
    if get_origin(kind) is tuple:
        items = [item.strip() for item in _split(text, get_args(kind)[0] is str)]
        return tuple(_read(item_kind, item) for item_kind, item in zip(_item_kinds(kind, items), items, strict=True))
    if kind in (int, float, str):
        return kind(text)
    raise ValueError(text)


def _split(text: str, words: bool) -> list[str]:
    if text in ("", "()"):
        return []
    if "," in text:
        return text.split(",")
    return text.split("+") if words else re.split(r"(?<![eE])\+", text)


def _item_kinds(kind: Any, items: Sequence[Any]) -> list[Any]:
    kinds = get_args(kind)
    kinds = (kinds[0],) * len(items) if Ellipsis in kinds else kinds
    return list(_required(len(kinds) == len(items), kinds))


def _converted(kind: Any, value: Any) -> Any:
    if _is_union(kind):
        return _first_that_fits(_converted, kind, value)
    if kind is type(None):
        return _required(value is None, None)
    if kind is bool:
        return _required(isinstance(value, bool), value)
    if kind is int:
        return int(_required(isinstance(value, Integral) and not isinstance(value, bool), value))
    if kind is float:
        return float(_required(_is_number(value) and not math.isnan(value), value))
    if kind is str:
        return _required(isinstance(value, str), value)
    if get_origin(kind) is tuple:
        items = list(_required(isinstance(value, (tuple, list)), value))
        return tuple(
            _converted(item_kind, item) for item_kind, item in zip(_item_kinds(kind, items), items, strict=True)
        )
    return value


def _first_that_fits(convert: Callable[[Any, Any], Any], union: Any, value: Any) -> Any:
    for member in sorted(get_args(union), key=_order):
        try:
            return convert(member, value)
        except ValueError:
            continue
    raise ValueError(value)


def _required(fits: bool, value: Any) -> Any:
    if not fits:
        raise ValueError(value)
    return value


def _words(kind: Any) -> str:
    if kind in (int, float, bool, str):
        return {int: "a whole number", float: "a number", bool: "true or false", str: "text"}[kind]
    if _is_union(kind):
        members = [member for member in get_args(kind) if member is not type(None)]
        return " or ".join([_words(member) for member in members] + ["none"] * (len(members) < len(get_args(kind))))
    if get_origin(kind) is tuple:
        plural = {int: "whole numbers", float: "numbers", bool: "truth values", str: "words"}
        kinds = get_args(kind)
        count = "" if Ellipsis in kinds else f"{len(kinds)} "
        return f"{count}{plural.get(kinds[0], 'values')} joined by +"
    return kind_name(kind)
