"""What the comparison does not show."""

from neocog.figures.numbers import count
from neocog.report.rendering import rendered
from neocog.report.section import Evidence, Section
from neocog.report.words import item_count, plural, without_repeats
from neocog.runs.comparison import Comparison
from neocog.runs.learned import still_improving
from neocog.runs.tuning import load_tuning

FEW_SEEDS = 5


def section(evidence: Evidence) -> Section:
    """Every limit that is known, the gravest first."""
    comparison = evidence.comparison
    lines = without_repeats([*main_limits(comparison), *_further_limits(comparison)])
    return Section("limits", "What it does not show", rendered("drawn.html", words=[], drawn=[], lines=lines))


def main_limits(comparison: Comparison) -> list[str]:
    """The limits that a reader of the first screen must know."""
    lines = [
        "Other data: the test items are of the same collection as the training items. Nothing is known of data from "
        "another place, time or device, nor of shifted, rotated, noisy or damaged items.",
        _other_settings(comparison),
        "Another split: all networks share one split into training, validation and test. The intervals allow for other "
        "test items and other seeds, not for other training items.",
    ]
    return [*(f"More training: {sentence}" for sentence in still_improving(comparison).values()), *lines]


def _other_settings(comparison: Comparison) -> str:
    tuning = load_tuning(comparison.folder)
    if tuning is not None:
        return (
            f"Other settings: {tuning.rates} learning rates were tried for each network (“What was tried before”), and "
            "no other batch size, augmentation or size of network; a network that does badly here may do better with "
            "others."
        )
    return (
        "Other settings: each network was trained with one set of settings, those under “How the comparison was made”. "
        "No other learning rate, batch size, augmentation or size of network was tried; a network that does badly here "
        "may do better with others."
    )


def _further_limits(comparison: Comparison) -> list[str]:
    lines = [
        f"Other costs of mistakes: the scores count all {count(item_count(comparison))} test items alike. If some "
        "mistakes cost more than others, look at where they are made.",
        "Other computers: times were measured on this one; elsewhere the order of times may differ.",
        "Repeated looks: if the same test part is used again and again to choose, the best score will look better than "
        "it is.",
    ]
    if comparison.seeds == 1:
        lines.append(
            "Other seeds: with one run each, nothing is known of how much a result depends on chance in training."
        )
    elif comparison.seeds < FEW_SEEDS:
        lines.append(f"Many seeds: the spread over seeds is estimated from {comparison.seeds} runs each, which is few.")
    if comparison.data.skipped:
        lines.append(
            f"Files that could not be read: {plural(len(comparison.data.skipped), 'file')} left out of everything."
        )
    lines += [f"{arm.label}: it has no result ({arm.failure})." for arm in comparison.failed]
    lines += [
        f"{arm.label}: only {len(arm.finished)} of {plural(len(arm.seeds), 'run')} finished and count."
        for arm in comparison.ranked
        if len(arm.finished) < len(arm.seeds)
    ]
    return lines
