"""check: hold a class of one's own to the laws."""

import inspect
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from neocog.core.options import near
from neocog.testing import laws
from neocog.testing.case import Build
from neocog.testing.laws import LawBroken

LAWS: dict[str, Callable[..., None]] = {
    "seed": laws.same_seed_same_weights,
    "resume": laws.stopped_and_resumed_is_never_stopped,
    "batch": laws.a_prediction_does_not_depend_on_the_batch,
    "heart": laws.one_batch_is_learnt_by_heart,
    "frozen": laws.parameters_not_meant_to_move_do_not,
    "load": laws.saved_and_loaded_predicts_the_same,
    "headline": laws.the_headline_is_always_there,
    "items": laws.the_headline_is_the_mean_of_its_items,
    "restored": laws.looking_changes_nothing,
}


def hold(law: str, build: Build, folder: Path, *, by_heart: str = "log_loss") -> None:
    """Hold what ``build`` makes to one law.

    Raises:
        LawBroken: it does not hold.
    """
    given: dict[str, Any] = {"folder": folder, "score": by_heart}
    wanted = inspect.signature(LAWS[law]).parameters
    LAWS[law](build, **{name: value for name, value in given.items() if name in wanted})


def check(build: Build, *, by_heart: str = "log_loss", meaningless: Mapping[str, str] | None = None) -> list[str]:
    """Hold a task, network, learner or source of your own to the laws that neocog's keep.

    Args:
        build: from a seed to a case, freshly built: ``neocog.testing.case`` makes one from data, task and network.
        by_heart: the name of a score of the task that falls, towards 0, when one batch is learnt by heart.
        meaningless: laws that mean nothing here, each with its reason in words.

    Returns:
        The names of the laws that hold.

    Raises:
        LawBroken: some do not hold; all of them are named.
        ValueError: ``meaningless`` names no law, or gives no reason.

    Examples:
        >>> from neocog import open_images
        >>> from neocog.data.open import DataChoice
        >>> from neocog.networks import NETWORKS
        >>> from neocog.tasks import TASKS
        >>> from neocog.testing import case, check
        >>> data = open_images(DataChoice(name="digits"))
        >>> check(lambda seed: case(seed, data, TASKS["classify"], NETWORKS["mlp"]))  # doctest: +SKIP
        ['seed', 'resume', ...]
    """
    left_out = dict(meaningless or {})
    for law, reason in left_out.items():
        if law not in LAWS or not reason.strip():
            raise ValueError(f"`{law}` is no law, or has no reason; did you mean `{near(law, LAWS)}`?")
    kept, broken = [], []
    for law in LAWS:
        if law in left_out:
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                hold(law, build, Path(folder), by_heart=by_heart)
                kept.append(law)
            except LawBroken as found:
                broken.append(f"{law}: {found}")
    if broken:
        raise LawBroken("; ".join(broken))
    return kept
