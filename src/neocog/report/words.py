"""Small pieces of sentences."""

from collections.abc import Sequence

from neocog.runs.comparison import ArmResult, Comparison


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
