"""ENVIRONMENTS: the family of what acts back."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Annotated, Any

from neocog.core.errors import UsageProblem
from neocog.core.options import near
from neocog.core.progress import AbstractProgress
from neocog.core.rules import AtLeast, Between
from neocog.data.environment_catch import Catch
from neocog.data.environment_data import AbstractEnvironments, EnvironmentData, shape_of
from neocog.data.environment_gymnasium import Gymnasium, gymnasium
from neocog.data.family import Family

BUILT_IN: dict[str, Callable[[], AbstractEnvironments]] = {"catch": Catch}
KNOWN = {"catch": "a falling pixel to catch on a board of 10x5, 3 actions, episodes of 9 moves (bsuite)"}
_OF_GYMNASIUM = re.compile(r"(?:[\w.-]+/)?[A-Za-z][\w.-]*-v\d+")
_GIVEN = "in memory"


@dataclass(frozen=True, kw_only=True)
class EnvironmentChoice:
    """Which environment, and by how many episodes a network is judged in it."""

    name: Annotated[str, "catch, or the name of an environment of gymnasium, such as CartPole-v1."] = "catch"
    episodes: Annotated[int, Between(1, 100_000), "Episodes of the final score."] = 100
    choosing: Annotated[int, Between(1, 100_000), "Episodes of every look for choosing."] = 20
    split_seed: Annotated[int, AtLeast(0), "Seed of these episodes, whatever those of the runs are."] = 0


def _open(
    choice: EnvironmentChoice, *, download: bool, keep: bool, largest: int, progress: AbstractProgress
) -> EnvironmentData:
    make = _maker(choice.name)
    copies = make()
    what = "" if choice.name in BUILT_IN else f" gymnasium {version('gymnasium')}"
    judged = f"{choice.episodes} {choice.choosing} {choice.split_seed}"
    told = f"{choice.name}{what} {copies.takes} {copies.actions} {judged}"
    return EnvironmentData(
        name=choice.name,
        shape=copies.takes,
        actions=copies.actions,
        make=make,
        episodes=choice.episodes,
        choosing=choice.choosing,
        seed=choice.split_seed,
        fingerprint=hashlib.sha256(told.encode()).hexdigest(),
        notes=(
            f"Judged by {choice.episodes:,} greedy episodes, chosen by {choice.choosing:,} others (seed "
            f"{choice.split_seed}).",
        ),
    )


def _maker(name: str) -> Callable[[], AbstractEnvironments]:
    if name in BUILT_IN:
        return BUILT_IN[name]
    if _OF_GYMNASIUM.fullmatch(name) is None:
        meant = near(name, BUILT_IN)
        raise UsageProblem(
            "environment-unknown",
            f"there is no environment {name}",
            where=name,
            note=f"built in: {', '.join(BUILT_IN)}; those of gymnasium end in -v and a number",
            help=f"did you mean `{meant}`?" if meant else "write catch, or a name such as CartPole-v1",
        )
    gymnasium()
    return lambda: Gymnasium(name)


def _like(facts: Mapping[str, Any]) -> EnvironmentData:
    name = str(facts["name"])
    return EnvironmentData(
        name=name,
        shape=shape_of(facts["sees"]),
        actions=tuple(facts["actions"]),
        make=lambda: _maker(name)(),
        episodes=int(facts["episodes"]),
        choosing=int(facts["choosing"]),
        seed=int(facts["seed"]),
        fingerprint=str(facts["fingerprint"]),
    )


def _labelled(
    choice: EnvironmentChoice, like: EnvironmentData, *, download: bool, keep: bool, progress: AbstractProgress
) -> EnvironmentData:
    new = _open(choice, download=download, keep=keep, largest=0, progress=progress)
    if (new.takes, new.actions) != (like.takes, like.actions):
        raise UsageProblem(
            "environment-other",
            f"{choice.name} shows {new.takes} and takes {len(new.actions)} actions",
            where=choice.name,
            note=f"the network was trained on {like.name}: {like.takes}, {len(like.actions)} actions",
            help=f"evaluate on {like.name}, with other episodes: --set data.split_seed=1",
        )
    return replace(new, choosing=0)


def _given(data: Any) -> EnvironmentData:
    """Data, or whatever makes fresh copies of an environment of one's own."""
    if isinstance(data, EnvironmentData):
        return data
    copies = data() if callable(data) else None
    if not isinstance(copies, AbstractEnvironments):
        raise UsageProblem(
            "data-kind",
            f"{type(data).__name__} is no environment",
            help="give a name, or a class that derives AbstractEnvironments",
        )
    told = f"{type(copies).__module__}.{type(copies).__qualname__} {copies.takes} {copies.actions}"
    digest = hashlib.sha256(told.encode()).hexdigest()
    return EnvironmentData(_GIVEN, copies.takes, copies.actions, data, 100, 20, 0, digest)


def _claims(name: str) -> bool:
    return name in BUILT_IN or _OF_GYMNASIUM.fullmatch(name) is not None


ENVIRONMENTS = Family(
    choice=EnvironmentChoice,
    open=_open,
    like=_like,
    labelled=_labelled,
    given=_given,
    claims=_claims,
    known=KNOWN,
)
