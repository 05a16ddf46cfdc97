"""Small pieces of sentences."""

from collections.abc import Sequence

from neocog.fit.history import Outcome
from neocog.runs.comparison import ArmResult, Comparison, SeedResult


def ratio(more: float, less: float) -> str:
    """How many times as much: "20", "1.5"."""
    times = more / less
    return f"{times:,.0f}" if times >= 9.5 else f"{times:.1f}"


def plural(number: int, one: str, several: str = "") -> str:
    """A number with its noun: "1 run", "3 runs"."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def training_seconds(arm: ArmResult) -> float:
    """Mean training time of the runs that count."""
    times = [seed.train_seconds for seed in arm.finished]
    return sum(times) / len(times) if times else float("nan")


def item_count(comparison: Comparison) -> int:
    """How many items the scores rest on."""
    return sum(comparison.data.counts.get("test", {}).values())


def places(comparison: Comparison) -> dict[str, int]:
    """Each network's colour and shape: the same in every figure."""
    return {arm.label: place for place, arm in enumerate(comparison.arms)}


def without_repeats(lines: Sequence[str]) -> list[str]:
    """The lines, each once, in order."""
    return list(dict.fromkeys(line for line in lines if line))


def still_improving(arm: ArmResult, comparison: Comparison) -> bool:
    """Whether most runs gained at least the margin on validation in the last quarter of their steps."""
    gains = [_late_gain(seed, comparison) for seed in arm.finished if seed.outcome is Outcome.DONE]
    return bool(gains) and sum(gain >= max(comparison.margin, 1e-9) for gain in gains) > len(gains) / 2


def _late_gain(seed: SeedResult, comparison: Comparison) -> float:
    sign = 1 if comparison.headline.higher_is_better else -1
    found = [
        (row.step, sign * row.scores[comparison.headline.name])
        for row in seed.history
        if comparison.headline.name in row.scores
    ]
    early = [score for step, score in found if step <= 0.75 * seed.steps]
    late = [score for step, score in found if step > 0.75 * seed.steps]
    return max(late) - max(early) if early and late else 0.0
