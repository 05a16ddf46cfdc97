"""What would settle an open pair: hand-worked cases, and what is said of them."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats

from neocog.measures.components import components
from neocog.measures.need import Amount, Need, needed, thresholds
from neocog.measures.need_sentence import need_sentence
from neocog.measures.pair import Pair, pair_of
from neocog.measures.sources import Sources
from neocog.measures.verdict import verdicts


def pair(runs: int = 3, items: int = 400, shift: float = 0.0, spread: float = 0.2, seed: int = 0) -> Pair:
    generator = np.random.default_rng(seed)
    case = generator.normal(size=items)
    arms = [
        case
        + generator.normal(0, 0.3, items)
        + spread * generator.normal(size=(runs, 1))
        + generator.normal(size=(runs, items))
        for _ in range(2)
    ]
    arms[0] += shift
    return pair_of(("a", "b"), components(arms[0]), components(arms[1]), 0.1, "seeds and items")


def test_sources_make_up_the_variance_that_was_found() -> None:
    found = pair()
    assert found.sources is not None
    assert found.sources.variance((3, 3), 400) == pytest.approx(found.variance, rel=1e-9)
    assert found.sources.freedom((3, 3), 400) == pytest.approx(found.freedom, rel=1e-9)
    more = found.sources.variance((30, 30), 4000)
    assert more == pytest.approx(
        found.sources.items / 4000 + sum(found.sources.seeds) / 30 + sum(found.sources.rest) / 120_000, rel=1e-12
    )


def chance(found: Pair, seeds: int, items: int, margin: float) -> float:
    """The chance of an answer, by integrating over the difference to come."""
    assert found.sources is not None
    runs = (found.runs[0] + seeds, found.runs[1] + seeds)
    variance, freedom = (
        found.sources.variance(runs, found.items + items),
        found.sources.freedom(runs, found.items + items),
    )
    beats = stats.t.ppf(0.975, freedom) * math.sqrt(variance)
    tie = margin - stats.t.ppf(0.95, freedom) * math.sqrt(variance)
    law = stats.t(found.freedom, found.difference, math.sqrt(found.variance - variance))
    answers = [law.sf(beats), law.cdf(-beats)]
    if tie > 0:
        answers.append(integrate.quad(law.pdf, -tie, tie)[0])
    return float(sum(answers))


@pytest.mark.parametrize("seed", range(4))
def test_the_advice_is_the_smallest_that_is_likely_enough(seed: int) -> None:
    found = replace(pair(seed=seed, spread=0.05, runs=4), difference=0.25)
    need = needed(found, 0.1, 0.05, 0.05)
    assert need is not None and need.seeds is not None and need.items is None
    about = need.seeds.about
    assert chance(found, about, 0, 0.1) >= 0.9
    assert about == 1 or chance(found, about - 1, 0, 0.1) < 0.9
    assert need.seeds.low <= about <= (need.seeds.high or math.inf)


def test_items_alone_are_named_only_with_five_runs() -> None:
    sources = Sources(items=4.0, seeds=(0.0, 0.0), rest=(0.1, 0.1))
    for runs in (3, 5):
        base = pair(runs=runs)
        variance, freedom = sources.variance((runs, runs), 400), sources.freedom((runs, runs), 400)
        open_pair = replace(
            base, sources=sources, variance=variance, freedom=freedom, difference=1.95 * math.sqrt(variance)
        )
        need = needed(open_pair, 0.0, 0.05, 0.05)
        assert need is not None and need.items is not None
        assert (need.seeds is None) == (runs == 5)


def test_what_is_too_close_cannot_be_settled() -> None:
    found = replace(pair(), difference=0.0)
    assert needed(found, 0.0, 0.05, 0.05) == Need(possible=False)


def test_nothing_is_said_of_single_runs() -> None:
    assert needed(replace(pair(), sources=None), 0.1, 0.05, 0.05) is None


def test_stricter_corrections_ask_for_more() -> None:
    found = replace(pair(spread=0.05, runs=4), difference=0.25)
    loose, strict = (needed(found, 0.0, alpha, alpha) for alpha in (0.05, 1e-6))
    assert loose is not None and strict is not None and loose.seeds is not None
    assert strict.seeds is None or strict.seeds.about > loose.seeds.about


def test_thresholds_are_those_of_holm() -> None:
    assert thresholds(np.array([0.2, 0.01, 0.03]), 0.06) == pytest.approx([0.06, 0.02, 0.03])


@pytest.mark.parametrize(
    ("need", "said"),
    [
        (Need(seeds=Amount(4, 2, 12)), "About 4 (2 to 12) more seeds of each would settle it."),
        (Need(seeds=Amount(9, 3, None)), "About 9 (3 or more) more seeds of each would settle it."),
        (Need(seeds=Amount(1, 1, 1)), "About 1 more seed of each would settle it."),
        (Need(items=Amount(1234, 561, 4870)), "About 1,200 (560 to 4,900) more test items would settle it."),
        (
            Need(seeds=Amount(4, 2, 12), items=Amount(900, 450, None)),
            "About 4 (2 to 12) more seeds of each, together with about 900 (450 or more) more test items, "
            "would settle it.",
        ),
    ],
)
def test_sentences(need: Need, said: str) -> None:
    assert need_sentence(_verdict(need)) == said


def test_sentences_of_what_cannot_be_said_or_settled() -> None:
    assert need_sentence(_verdict(Need(possible=False))).startswith("Four times as many more seeds and six")
    assert need_sentence(replace(_verdict(None), runs=(1, 1))).startswith("How much more would settle it can be said")
    assert need_sentence(replace(_verdict(Need(seeds=Amount(4, 2, 12))), answer="tie")) == ""
    assert need_sentence(_verdict(None)) == ""


def _verdict(need: Need | None):  # type: ignore[no-untyped-def]
    generator = np.random.default_rng(0)
    (found,) = verdicts({label: (generator.random((3, 60)) < 0.9).astype(float) for label in "ab"})
    assert found.answer == "unknown" and found.need is not None
    return replace(found, need=need)
