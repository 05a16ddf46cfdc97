"""What was tried before: the learning-rate trials of each network."""

from neocog.figures.figure import Table
from neocog.figures.numbers import count
from neocog.report.measure import measure
from neocog.report.rendering import rendered
from neocog.report.section import Evidence, Section
from neocog.runs.comparison import Comparison
from neocog.runs.tuning import Tuning, load_tuning


def section(evidence: Evidence) -> Section | None:
    """Every trial, kept or dropped; None where nothing was tuned."""
    comparison = evidence.comparison
    tuning = load_tuning(comparison.folder)
    if tuning is None:
        return None
    words = (
        f"Before the comparison, {tuning.rates} learning rates were tried for each network: short runs from one seed "
        f"({tuning.seed}) that is none of the comparison's, judged on the validation part only. The better half of "
        "each round went on to the next, which begins anew with twice the steps, until one was left. The rates are "
        "3.16 times apart, around the network's usual one. A rate that is best in short runs need not be best in long "
        "ones."
    )
    html = rendered("tuning.html", words=words, lines=tuning.sentences, trials=_trials(comparison, tuning))
    return Section("tuning", "What was tried before", html)


def _trials(comparison: Comparison, tuning: Tuning) -> Table:
    shown = measure(comparison.headline.name)
    rows = [
        (
            arm.label,
            f"{trial.rate:.3g}",
            count(trial.steps),
            "none" if trial.score is None else shown.show(trial.score),
            "kept" if trial.kept else "dropped",
        )
        for arm in tuning.arms
        for trial in arm.trials
    ]
    return Table(("network", "learning rate", "steps", f"{shown.title} on validation", "what became of it"), rows)
