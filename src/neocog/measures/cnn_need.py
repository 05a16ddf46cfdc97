"""CnnNeed: from what the controls of a comparison showed to one sentence on whether the data need a CNN."""

from dataclasses import dataclass
from typing import Literal

from neocog.measures.intervals import Interval
from neocog.measures.quantities import POINTS, quantity, size
from neocog.measures.sentences import verdict_sentence
from neocog.measures.verdict import Verdict

Need = Literal["yes", "no", "unknown"]
WIDE = 0.05  # above chance, for shares: what such an interval still allows is said


@dataclass(frozen=True)
class Shuffled:
    """A network that was trained on labels without meaning.

    Args:
        label: the network.
        score: its score on the true labels of the test part, over new shuffles, seeds and items.
        beyond: the same less what blind answers reach; its interval must hold 0.
        unit: of both.
    """

    label: str
    score: Interval
    beyond: Interval
    unit: str = POINTS

    @property
    def at_chance(self) -> bool:
        """Whether the interval of ``beyond`` holds 0."""
        return self.beyond.low <= 0 <= self.beyond.high


@dataclass(frozen=True)
class ControlNumbers:
    """What the controls showed of one CNN; None for what was not run, or has no result.

    Args:
        cnn: its label.
        equal: the CNN (a) against the MLP of equal size (b).
        moved: the CNN (a) against itself on permuted pixels (b).
        dense_moved: the MLP (a) against itself on permuted pixels (b): the control of the control.
        local: the CNN (a) against a locally connected network, which shares no weights (b).
        shuffled: the CNN trained on shuffled labels.
    """

    cnn: str
    equal: Verdict | None = None
    moved: Verdict | None = None
    dense_moved: Verdict | None = None
    local: Verdict | None = None
    shuffled: Shuffled | None = None


def conclusion(found: ControlNumbers) -> tuple[Need, str]:
    """Whether the data need a CNN, in one sentence; a control that failed is said first, and leaves the question open.

    *Yes* takes both: the CNN beats an MLP of equal size, and loses when the places of the pixels are permuted. *No*
    takes an MLP of equal size that ties with it or beats it. All else is "cannot tell".
    """
    failed = _failed(found)
    if failed:
        return "unknown", f"Whether these data need a CNN cannot be told: {failed}."
    cnn, equal, moved = found.cnn, found.equal, found.moved
    if equal is None:
        return "unknown", "Whether these data need a CNN cannot be told: the MLP of equal size has no result."
    if equal.answer == "b":
        return "no", f"These data do not need a CNN: an MLP of equal size beats {cnn} by {_less(equal)}."
    if equal.answer == "tie":
        margin = size(equal.margin, equal.unit)
        return "no", f"These data do not need a CNN: an MLP of equal size ties with {cnn} within {margin}."
    if equal.answer == "unknown":
        lead = f"{cnn} leads by {_more(equal)}" if equal.difference >= 0 else f"the MLP leads by {_less(equal)}"
        return "unknown", (
            f"Whether these data need a CNN cannot be told yet: {cnn} and an MLP of equal size cannot be told apart; "
            f"{lead}."
        )
    beats = f"{cnn} beats an MLP of equal size by {_more(equal)}"
    if moved is None:
        return "unknown", f"These data may need a CNN: {beats}; that it is for where the pixels stand was not tested."
    if moved.answer == "a":
        return "yes", f"These data need a CNN: {beats}, and {_loses(found, moved)}."
    if moved.answer == "unknown":
        return "unknown", (
            f"These data may need a CNN: {beats}; but what it loses when the pixels' places are shuffled cannot be "
            f"told from nothing, {_more(moved)}."
        )
    return "unknown", (
        f"Whether these data need a CNN cannot be told: {beats}, but does as well when the pixels' places are "
        f"shuffled, a difference of {_more(moved)}, so that it is not better for where the pixels stand."
    )


def lines(found: ControlNumbers) -> list[str]:
    """What each control showed, a line each."""
    said = []
    if found.equal is not None:
        said.append(f"The same size: {verdict_sentence(found.equal)}")
    if found.moved is not None:
        said.append(f"Pixels in other places: {_kept(found.cnn, found.moved)}")
    if found.dense_moved is not None:
        verdict = found.dense_moved
        failed = "which must not be"
        expected = {"tie": "as it must be", "unknown": "as is to be expected"}.get(verdict.answer, failed)
        said.append(f"The control of that control: {_kept(verdict.a, verdict).removesuffix('.')}, {expected}.")
    if found.local is not None:
        said.append(f"Without sharing weights: {verdict_sentence(found.local)}")
    if found.shuffled is not None:
        said.append(f"Labels without meaning: {shuffled_sentence(found.shuffled)}")
    return said


def shuffled_sentence(found: Shuffled) -> str:
    """What training on shuffled labels reached, beside chance."""
    chance = found.score.mean - found.beyond.mean
    scored = _score(found.score, found.unit)
    said = f"{found.label}, trained on shuffled labels, scores {scored} on the true ones, where blind answers reach "
    beyond = quantity(found.beyond.mean, found.beyond.low, found.beyond.high, found.unit)
    said += f"{_level(chance, found.unit)}: a difference of {beyond}"
    if found.at_chance:
        weak = f"; a leak worth less than {size(found.beyond.high, found.unit)} would not show"
        return f"{said}, at chance as it must be{weak if found.beyond.high > WIDE else ''}."
    if found.beyond.low > 0:
        return f"{said}. That is above chance: the true answers leak into training, or there is a bug."
    return f"{said}. That is below chance, which a fair test part does not allow: there is a bug."


def _failed(found: ControlNumbers) -> str:
    if found.shuffled is not None and not found.shuffled.at_chance:
        where = "above" if found.shuffled.beyond.low > 0 else "below"
        return (
            f"trained on shuffled labels {found.shuffled.label} scores {where} chance "
            f"({_score(found.shuffled.score, found.shuffled.unit)}), so there is a leak or a bug, and no score here is "
            "to be trusted before it is found"
        )
    moved = found.dense_moved
    if moved is not None and moved.answer in ("a", "b"):
        what = f"loses {_more(moved)}" if moved.answer == "a" else f"gains {_less(moved)}"
        return (
            f"the MLP, to which all places are alike, {what} when the pixels' places are shuffled, so that those runs "
            "cannot be compared"
        )
    return ""


def _loses(found: ControlNumbers, moved: Verdict) -> str:
    said = f"loses {_more(moved)} when the pixels' places are shuffled"
    dense = found.dense_moved
    if dense is None:
        return said
    if dense.answer == "tie":
        return f"{said}, while the MLP loses none"
    return f"{said}, while no loss can be told of the MLP, {_more(dense)}"


def _kept(label: str, moved: Verdict) -> str:
    if moved.answer == "a":
        return f"{label} loses {_more(moved)} when they are permuted."
    if moved.answer == "b":
        return f"{label} gains {_less(moved)} when they are permuted."
    if moved.answer == "tie":
        return f"{label} loses nothing when they are permuted: a tie within {size(moved.margin, moved.unit)}."
    return f"what {label} loses when they are permuted cannot be told from nothing: {_more(moved)}."


def _more(verdict: Verdict) -> str:
    return quantity(verdict.difference, verdict.low, verdict.high, verdict.unit)


def _less(verdict: Verdict) -> str:
    return quantity(-verdict.difference, -verdict.high, -verdict.low, verdict.unit)


def _score(interval: Interval, unit: str) -> str:
    if unit != POINTS:
        return quantity(interval.mean, interval.low, interval.high, unit)
    return f"{100 * interval.mean:.1f} % ({100 * interval.low:.1f} to {100 * interval.high:.1f})"


def _level(value: float, unit: str) -> str:
    return f"{100 * value:.1f} %" if unit == POINTS else size(value, unit)
