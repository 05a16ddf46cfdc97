"""Budget: how long a command may take, or how long its runs are."""

import re
from dataclasses import dataclass
from decimal import Decimal

from neocog.core.errors import UsageProblem

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_TIMED = re.compile(r"(\d+(?:\.\d+)?)(s|m|h)")
_COUNTED = re.compile(r"(epochs|steps)=(\d+)")
_FLOPS = re.compile(r"flops=(\d+(?:\.\d+)?(?:[eE]\+?\d{1,2})?)")


@dataclass(frozen=True)
class Budget:
    """``kind`` is seconds (of the whole command), or epochs, steps or flops (of each run)."""

    kind: str
    amount: float

    @staticmethod
    def parse(text: str) -> "Budget":
        """Read ``90s``, ``10m``, ``1.5h``, ``epochs=5``, ``steps=2000`` or ``flops=1e12``.

        Raises:
            UsageProblem: ``budget-malformed`` or ``budget-zero``.
        """
        timed, counted = _TIMED.fullmatch(text.strip()), _COUNTED.fullmatch(text.strip())
        flops = _FLOPS.fullmatch(text.strip())
        if timed:
            budget = Budget("seconds", float(timed[1]) * _UNITS[timed[2]])
        elif counted:
            budget = Budget(counted[1], int(counted[2]))
        elif flops:
            budget = Budget("flops", float(flops[1]))
        else:
            raise UsageProblem(
                "budget-malformed",
                f"`{text}` is no budget",
                where=f"--budget {text}",
                help="write a time for the whole command (90s, 10m, 1h), or for each run epochs=5, steps=2000 or "
                "flops=1e12",
            )
        if budget.amount == 0:
            raise UsageProblem(
                "budget-zero",
                "a budget of 0 leaves nothing to train with",
                where=f"--budget {text}",
                help="leave it out for the usual budget, or try --budget 90s",
            )
        return budget

    @property
    def timed(self) -> bool:
        """Whether it is a time for the whole command."""
        return self.kind == "seconds"

    def steps(self, steps_per_epoch: int) -> int:
        """The steps of a run, for a budget in epochs or steps."""
        return int(self.amount) * (steps_per_epoch if self.kind == "epochs" else 1)

    def __str__(self) -> str:
        if self.kind == "flops":
            return f"flops={flops_in_words(self.amount)}"
        if not self.timed:
            return f"{self.kind}={_plain(self.amount)}"
        return seconds_in_words(self.amount)


def seconds_in_words(seconds: float) -> str:
    """A time as a budget is written: ``90s`` or ``10m``."""
    for unit in ("h", "m"):
        if seconds >= 2 * _UNITS[unit] and seconds % _UNITS[unit] == 0:
            return f"{_plain(seconds / _UNITS[unit])}{unit}"
    return f"{_plain(seconds)}s"


def flops_in_words(flops: float) -> str:
    """A number of operations as a budget is written: ``1e12`` or ``2.5e9``, without loss."""
    return f"{Decimal(repr(float(flops))).normalize():e}".replace("e+", "e")


def _plain(number: float) -> str:
    """Without an exponent, which a budget cannot be written with."""
    return f"{number:.6f}".rstrip("0").rstrip(".")
