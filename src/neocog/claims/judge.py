"""judge: from an effect, its smallest size of interest and its control to one of five answers."""

from typing import Literal

from neocog.claims.effect import Effect

Answer = Literal["holds", "does not hold (here)", "reversed", "cannot tell", "control failed"]

MEANING: dict[Answer, str] = {
    "holds": "The effect goes as predicted, its interval excludes none, and it is as large as it was to be.",
    "does not hold (here)": "The interval excludes an effect as large as it was to be: here there is none so large.",
    "reversed": "The effect goes the other way, its interval excludes none, and it is as large as it was to be.",
    "cannot tell": "The interval holds both too little and enough: more seeds or more test items would tell.",
    "control failed": "The effect also shows where it must not, so this experiment cannot tell what it comes from.",
}
SHOWN: dict[Answer, str] = {
    "holds": "shows the effect, which it must not",
    "does not hold (here)": "shows no such effect, as it must",
    "reversed": "shows the reverse",
    "cannot tell": "neither shows the effect nor excludes it",
}
"""What a control's own answer means for the claim."""


def judge(effect: Effect, control: Effect, smallest: float) -> Answer:
    """The verdict on a claim; the effect is positive in the predicted direction.

    ``control failed`` comes before everything else. Then, with the 95 % interval from low to high::

        holds                  low > 0         and value >= smallest
        reversed               high < 0        and value <= -smallest
        does not hold (here)   high < smallest
        cannot tell            otherwise

    Args:
        effect: what was measured.
        control: the same quantity in a condition in which the effect must vanish or reverse.
        smallest: the smallest effect of interest, above 0, written down before the run.
    """
    return "control failed" if alone(control, smallest) == "holds" else alone(effect, smallest)


def alone(effect: Effect, smallest: float) -> Answer:
    """The answer of one condition by itself."""
    if effect.low > 0 and effect.value >= smallest:
        return "holds"
    if effect.high < 0 and effect.value <= -smallest:
        return "reversed"
    return "does not hold (here)" if effect.high < smallest else "cannot tell"
