"""What failed, and why."""

from neocog.report.rendering import rendered
from neocog.report.section import Evidence, Section


def section(evidence: Evidence) -> Section | None:
    """Networks without a score, and single runs that do not count."""
    comparison = evidence.comparison
    lines = [f"{arm.label} has no result. {arm.failure}" for arm in comparison.failed]
    lines += [
        f"{arm.label}, seed {seed.seed}: {seed.reason or seed.outcome.value}"
        for arm in comparison.arms
        for seed in arm.seeds
        if not seed.outcome.finished and (seed.reason or seed.outcome.value) != arm.failure
    ]
    if not lines:
        return None
    return Section("failures", "What failed", rendered("drawn.html", words=[], drawn=[], lines=lines))
