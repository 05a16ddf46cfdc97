"""From a name, such as ``resnet[depth=20]`` or ``my.module:Net``, to a class."""

import importlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from neocog.core.errors import UsageProblem
from neocog.core.options import near, show
from neocog.core.spoken import spoken

T = TypeVar("T")

ANY_MODULE = ("*",)
"""For ``find``: the name was given by the user in person (a flag, an argument), so any module may be imported."""

SHORT = {"timm": "model"}
"""Names of which one option may stand after a colon: ``timm:resnet18`` is short for ``timm[model=resnet18]``."""

_SPEC = re.compile(r"(?P<name>[^\[\]=,\s@]+)(\[(?P<options>[^\[\]]*)\])?(@(?P<start>\S.*))?")


@dataclass(frozen=True)
class Spec:
    """A name with options: ``resnet[depth=20,shortcut=false]``.

    ``options`` are texts where the spec was parsed from text (``options.parse`` turns them into values), and may be
    values where it was made in Python. Tuples are written with ``+``: ``mlp[widths=256+128]``. ``start`` is what
    stands after an ``@``: where the weights of a network come from, as in ``resnet[depth=20]@weights.safetensors``.
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    start: str = ""

    @staticmethod
    def parse(text: str) -> "Spec":
        """Read one spec.

        Raises:
            UsageProblem: ``name-malformed``.
        """
        match = _SPEC.fullmatch(text.strip())
        if match is None:
            raise _malformed(text)
        pieces = [piece for piece in (match["options"] or "").split(",") if piece.strip()]
        options: dict[str, str] = {}
        for piece in pieces:
            key, equals, value = (part.strip() for part in piece.partition("="))
            if not (key and equals and value) or key in options:
                raise _malformed(text)
            options[key] = value
        name, _, rest = match["name"].partition(":")
        if name in SHORT and rest:
            if SHORT[name] in options:
                raise _malformed(text)
            return Spec(name, {SHORT[name]: rest, **options}, (match["start"] or "").strip())
        return Spec(match["name"], options, (match["start"] or "").strip())

    def __str__(self) -> str:
        short = SHORT.get(self.name)
        shown = {key: show(value) for key, value in self.options.items()}
        name = f"{self.name}:{shown.pop(short)}" if short in shown else self.name
        inside = ",".join(f"{key}={value}" for key, value in shown.items())
        plain = f"{name}[{inside}]" if inside else name
        return f"{plain}@{self.start}" if self.start else plain


def parse_list(text: str) -> list[Spec]:
    """Read specs separated by commas; commas inside ``[]`` belong to options.

    Raises:
        UsageProblem: ``name-malformed``, also where there is no name at all.
    """
    pieces = [piece for piece in re.split(r",(?![^\[\]]*\])", text) if piece.strip()]
    if not pieces:
        raise _malformed(text)
    return [Spec.parse(piece) for piece in pieces]


def find(name: str, table: Mapping[str, T], kind: str, allow_modules: Collection[str] = ()) -> T:
    """The entry of a table of built-ins, or a class named ``package.module:Class``.

    Args:
        name: a key of the table, or ``package.module:Class``.
        table: the built-ins.
        kind: what they are, in one word, such as ``network``.
        allow_modules: the modules that ``package.module:Class`` may name, each with all below it. None by default, for
            names that were read from a file; ``ANY_MODULE`` for names that the user gave in person.

    Raises:
        UsageProblem: ``name-unknown``, ``module-not-allowed`` or ``module-not-found``.
    """
    if name in table:
        return table[name]
    module, colon, attribute = name.partition(":")
    if not (colon and module and attribute):
        raise _unknown(name, table, kind)
    if not any(allowed == "*" or f"{module}.".startswith(f"{allowed}.") for allowed in allow_modules):
        raise UsageProblem(
            "module-not-allowed",
            f"the {kind} `{name}` would run code of the module {module}, which this command does not allow",
            where=f"{kind}: {name}",
            note="nothing was imported",
            help=f"if you trust that module, add --allow-module {module}",
        )
    return _imported(name, module, attribute, kind)


def modules_of(specs: Iterable[Spec]) -> tuple[str, ...]:
    """The modules of the specs that name a class of their own: what ``find`` may import when a person typed them."""
    return tuple(dict.fromkeys(spec.name.partition(":")[0] for spec in specs if ":" in spec.name))


def _imported(name: str, module: str, attribute: str, kind: str) -> Any:
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as problem:
        if problem.name is None or not f"{module}.".startswith(f"{problem.name}."):
            raise
        raise UsageProblem(
            "module-not-found",
            f"there is no module {module} for the {kind} `{name}`",
            where=f"{kind}: {name}",
            help="install it, or put its folder on PYTHONPATH",
        ) from None
    classes = [key for key, value in vars(found).items() if isinstance(value, type)]
    if attribute not in classes:
        meant = near(attribute, classes)
        raise UsageProblem(
            "name-unknown",
            f"the module {module} has no class {attribute}",
            where=f"{kind}: {name}",
            help=f"did you mean `{module}:{meant}`?" if meant else f"name one of its classes: {', '.join(classes)}",
        )
    return getattr(found, attribute)


def _unknown(name: str, table: Mapping[str, Any], kind: str) -> UsageProblem:
    meant = spoken(name, table) or near(name, table)
    return UsageProblem(
        "name-unknown",
        f"there is no {kind} called `{name}`",
        where=f"{kind}: {name}   known: {', '.join(table)}",
        help=f"did you mean `{meant}`?" if meant else "choose one of those known, or name a class: module:Class",
    )


def _malformed(text: str) -> UsageProblem:
    return UsageProblem(
        "name-malformed",
        f"`{text}` cannot be read as a name with options",
        where=f"given: {text}",
        help="write name[option=value,option=value], and tuples with +, such as mlp[widths=256+128],resnet[depth=20]",
    )
