"""Experiment: everything that determines a run, as names and options; TOML and back without loss."""

import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any

import tomli_w

from neocog.core.catalogue import Spec, find
from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.options import check, near, parse
from neocog.core.rules import Above, AtLeast, Between, OneOf
from neocog.data.augment import Augmentation
from neocog.fit.descent import Descent
from neocog.fit.engine import Engine
from neocog.networks import NETWORKS
from neocog.tasks import TASKS

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class PlanOptions:
    """Length of a run and the size of its steps. ``steps`` is decided once and then shared by every seed."""

    steps: Annotated[int, AtLeast(0), "Updates."] = 0
    batch_size: Annotated[int | None, Between(1, 65536), "Items per update; none means by the amount of data."] = None
    seed: Annotated[int, AtLeast(0), "Seed of the initial weights, the order, the augmentation and dropout."] = 0
    evaluations: Annotated[int, Between(1, 1000), "Looks at the validation part, evenly spread."] = 20
    patience: Annotated[int | None, AtLeast(1), "Looks without improvement before it stops; none means never."] = None
    average: Annotated[float | None, Between(0, 1, open_high=True), "Decay of averaged weights (EMA); none: off."] = (
        None
    )


@dataclass(frozen=True, kw_only=True)
class StartOptions:
    """What a network knows before the first step. The last three are filled in when the experiment is resolved."""

    weights: Annotated[
        str, "Where the weights come from: a .safetensors or .npz file, a run, torchvision:NAME; empty: the seed."
    ] = ""
    folder: Annotated[str, "Where converted files of torchvision:NAME and timm:NAME are; empty: their own caches."] = ""
    normalise: Annotated[
        str, OneOf("auto", "imagenet", "data"), "Mean and deviation of images; auto: as the weights expect them."
    ] = "auto"
    rank: Annotated[
        int, Between(0, 1024), "Rank of low-rank adapters (LoRA) in the body, which is frozen; 0: none."
    ] = 0
    cached: Annotated[bool, "Compute what a frozen body gives once per image, where nothing is augmented."] = True
    mean: Annotated[tuple[float, ...], Between(0, 1), "Mean of each channel; (): of the training images."] = ()
    std: Annotated[tuple[float, ...], Above(0), "Deviation of each channel; (): of the training images."] = ()
    sha256: Annotated[str, "Of the file of the weights."] = ""


@dataclass(frozen=True)
class Experiment:
    """One run, described. ``data`` is the choice of the task's family of data; in ``augment`` what is off is off."""

    data: Any
    network: Spec
    task: Spec = field(default_factory=lambda: Spec(next(iter(TASKS))))
    descent: Descent = field(default_factory=Descent)
    augment: Augmentation = field(default_factory=Augmentation)
    plan: PlanOptions = field(default_factory=PlanOptions)
    engine: Engine = field(default_factory=Engine)
    start: StartOptions = field(default_factory=StartOptions)

    def to_toml(self) -> str:
        """The experiment as TOML; options that are none are left out."""
        sections: dict[str, Any] = {"format": FORMAT}
        for name, value in (("data", self.data), *((key, getattr(self, key)) for key in OPTION_SECTIONS)):
            sections[name] = _without_none(asdict(value))
        for name, spec in (("task", self.task), ("network", self.network)):
            sections[name] = {"name": spec.name, **_without_none(spec.options)}
        return tomli_w.dumps(sections)

    @staticmethod
    def from_toml(text: str, *, allow_modules: Collection[str] = ()) -> "Experiment":
        """Read what ``to_toml`` wrote, checking every name and value.

        Raises:
            DataProblem: ``experiment-unreadable``.
            UsageProblem: an unknown name, option or value; a class outside neocog that is not allowed.
        """
        try:
            sections = tomllib.loads(text)
        except tomllib.TOMLDecodeError as problem:
            raise _unreadable(f"it is no TOML: {problem}") from problem
        sections.setdefault("start", {})  # which runs of an older neocog do not have
        missing = {"data", "task", "network", *OPTION_SECTIONS} - sections.keys()
        if missing or sections.get("format") != FORMAT:
            raise _unreadable(f"missing: {', '.join(sorted(missing))}" if missing else "its format is not 1")
        task = _spec(sections["task"], TASKS, "task", allow_modules)
        choice = find(task.name, TASKS, "task", allow_modules).family.choice
        return Experiment(
            data=choice(**_checked(choice, sections["data"])),
            task=task,
            network=_spec(sections["network"], NETWORKS, "network", allow_modules),
            **{name: kind(**_checked(kind, sections[name])) for name, kind in OPTION_SECTIONS.items()},
        )

    def with_settings(self, settings: Mapping[str, Any], *, allow_modules: Collection[str] = ()) -> "Experiment":
        """Change dotted options, such as ``{"descent.rate": 0.01, "network.depth": 20}``; texts are parsed.

        Raises:
            UsageProblem: an unknown option or a bad value.
        """
        grouped: dict[str, dict[str, Any]] = {}
        for dotted, value in settings.items():
            section, dot, name = dotted.partition(".")
            if section not in NAMESPACES or not dot:
                raise _unknown_setting(dotted)
            grouped.setdefault(section, {})[name] = value
        changed: dict[str, Any] = {}
        for section, values in grouped.items():
            old = getattr(self, section)
            if isinstance(old, Spec):
                kind = find(old.name, _TABLES[section], section, allow_modules)
                options = {**old.options, **parse(kind, values, name=old.name)}
                changed[section] = Spec(old.name, options)
            else:
                changed[section] = replace(old, **parse(type(old), values, name=section))
        return replace(self, **changed)


OPTION_SECTIONS: dict[str, Callable[..., Any]] = {
    "descent": Descent,
    "augment": Augmentation,
    "plan": PlanOptions,
    "engine": Engine,
    "start": StartOptions,
}
_TABLES: dict[str, Mapping[str, Any]] = {"network": NETWORKS, "task": TASKS}
NAMESPACES = ("network", "task", *OPTION_SECTIONS)


def _spec(section: Any, table: Mapping[str, Any], kind: str, allow_modules: Collection[str]) -> Spec:
    if not isinstance(section, dict) or not isinstance(section.get("name"), str):
        raise _unreadable(f"the {kind} has no name")
    options = {key: value for key, value in section.items() if key != "name"}
    target = find(section["name"], table, kind, allow_modules)
    return Spec(section["name"], check(target, options, name=section["name"]))


def _checked(kind: Callable[..., Any], values: Any) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise _unreadable("a section is no table")
    return check(kind, values)


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: list(v) if isinstance(v, tuple) else v for key, v in values.items() if v is not None}


def _unreadable(why: str) -> DataProblem:
    return DataProblem(
        "experiment-unreadable",
        f"the experiment cannot be read: {why}",
        help="restore the file, or train again",
    )


def _unknown_setting(dotted: str) -> UsageProblem:
    section, _, name = dotted.partition(".")
    meant = near(section, NAMESPACES)
    return UsageProblem(
        "setting-unknown",
        f"`{dotted}` is no setting",
        where=f"--set {dotted}=...   known: {', '.join(f'{each}.*' for each in NAMESPACES)}",
        help=f"did you mean `{meant}.{name}`?" if meant else "see `neocog options` for all of them",
    )
