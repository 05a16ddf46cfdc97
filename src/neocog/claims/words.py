"""What is said of a finding, in one place for the terminal, the JSON and the report."""

from collections import Counter
from collections.abc import Sequence

from neocog.claims.effect import Effect
from neocog.claims.finding import Finding
from neocog.claims.judge import MEANING, SHOWN, Answer, alone
from neocog.measures.quantities import quantity, several, size


def amount(effect: Effect, unit: str) -> str:
    """The effect with its interval, such as ``2.1 points (1.4 to 2.8)``; of what is counted there is none."""
    if effect.low == effect.value == effect.high:
        return f"{effect.value:,.0f} {unit}" if abs(effect.value) >= 1000 else size(effect.value, unit)
    return quantity(effect.value, effect.low, effect.high, unit)


def least(finding: Finding) -> str:
    """The smallest effect of interest, such as ``0.5 points``."""
    return (
        f"{finding.smallest:,.0f} {finding.unit}" if finding.smallest >= 1000 else size(finding.smallest, finding.unit)
    )


def shown(finding: Finding) -> str:
    """What the control showed, with its own interval."""
    return f"{SHOWN[alone(finding.control, finding.smallest)]}: {amount(finding.control, finding.unit)}"


def sentence(finding: Finding) -> str:
    """The verdict with effect and control, in one sentence."""
    return (
        f"{finding.title.rstrip('.')}: {finding.answer}, {amount(finding.effect, finding.unit)}; "
        f"the control {shown(finding)}."
    )


def meaning(finding: Finding) -> str:
    """What the answer means; of a claim cut short, that it means nothing."""
    if finding.quick:
        return "Cut short to show that it runs: this answer means nothing."
    return MEANING[finding.answer]


def conclusion(findings: Sequence[Finding]) -> str:
    """How many claims hold, and how many do not."""
    if not findings:
        return "No claim has been run."
    counts = Counter(finding.answer for finding in findings)
    said = [f"{counts[answer]} {one if counts[answer] == 1 else more}" for answer, (one, more) in _SO_MANY.items()]
    claims = f"{len(findings)} claim{'s' * (len(findings) != 1)}"
    ending = " They were cut short, so these answers mean nothing." if any(each.quick for each in findings) else ""
    return f"Of {claims}: {several([words for words in said if not words.startswith('0 ')])}.{ending}"


_SO_MANY: dict[Answer, tuple[str, str]] = {
    "holds": ("holds", "hold"),
    "does not hold (here)": ("does not hold (here)", "do not hold (here)"),
    "reversed": ("is reversed", "are reversed"),
    "cannot tell": ("cannot be told", "cannot be told"),
    "control failed": ("has a control that failed", "have controls that failed"),
}
