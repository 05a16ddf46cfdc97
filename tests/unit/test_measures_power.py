"""What can be settled, before anything is trained; looks; what a person is told of both."""

import numpy as np
import pytest
from scipy import stats

from neocog.core.errors import UsageProblem
from neocog.measures.looks import Looks
from neocog.measures.outlook import Outlook, outlook, outlook_sentences
from neocog.measures.power import Plan, power, smallest_difference, smallest_margin
from neocog.measures.sources import Sources
from neocog.measures.verdict import verdicts

ITEMS_ONLY = Sources(items=0.09, seeds=(0.0, 0.0), rest=(0.0, 0.0))


def test_where_seeds_do_not_vary_it_is_the_z_test() -> None:
    plan = Plan(ITEMS_ONLY, (3, 3), 900)
    error = 0.01
    for difference in (0.0, 0.01, 0.03):
        expected = stats.norm.sf(1.959964 - difference / error) + stats.norm.cdf(-1.959964 - difference / error)
        assert power(plan, difference) == pytest.approx(expected, abs=1e-6)
    assert smallest_difference(plan) == pytest.approx((1.959964 + 0.841621) * error, rel=1e-4)
    assert smallest_margin(plan) == pytest.approx((1.644854 + 1.281552) * error, rel=1e-4)


def test_equal_networks_that_are_allowed_a_wide_margin_are_settled() -> None:
    plan = Plan(ITEMS_ONLY, (3, 3), 900)
    assert power(plan, 0.0) == pytest.approx(0.05, abs=1e-6)
    assert power(plan, 0.0, margin=0.05) > 0.99


def test_more_of_anything_tells_more() -> None:
    sources = Sources(items=0.03, seeds=(2e-5, 2e-5), rest=(0.05, 0.05))
    plain = smallest_difference(Plan(sources, (3, 3), 1000))
    assert smallest_difference(Plan(sources, (5, 5), 1000)) < plain
    assert smallest_difference(Plan(sources, (3, 3), 4000)) < plain
    assert smallest_difference(Plan(sources, (3, 3), 1000, alpha=0.01)) > plain


@pytest.mark.parametrize("bad", [{"runs": (1, 3)}, {"items": 1}, {"alpha": 0.0}])
def test_a_plan_that_is_none_is_named(bad: dict[str, object]) -> None:
    with pytest.raises(UsageProblem, match="plan-range"):
        Plan(**({"sources": ITEMS_ONLY, "runs": (3, 3), "items": 100} | bad))


def test_outlook() -> None:
    found = outlook(3, 360, 3, looks=2)
    assert found is not None
    assert 0.005 < found.difference[0] < found.difference[1] < 0.2
    large = outlook(10, 10_000, 1)
    assert large is not None and large.difference[1] < found.difference[0]
    assert outlook(1, 360, 3) is None and outlook(3, 360, 0) is None and outlook(3, 1, 1) is None


def test_outlook_in_words() -> None:
    found = Outlook((0.012, 0.051), (0.011, 0.04), 3, 360, 3)
    said = outlook_sentences(found, 0.005)
    assert said == (
        "Before training: 3 seeds each, 360 test items and 3 pairs can settle a true difference of 1.2 points "
        "(networks right in 99 %) to 5.1 points (in 90 %), and a tie within a margin of 1.1 points to 4 points, "
        "each with a chance of 80 %. Your margin of 0.5 points is smaller: do not expect a tie."
    )
    assert "depends on how accurate they are" in outlook_sentences(found, 0.02)
    assert outlook_sentences(found, 0.05).endswith("of 80 %.")


def test_looks_share_the_chance_of_a_wrong_answer() -> None:
    generator = np.random.default_rng(2)
    base = generator.random((1, 600)) < 0.9
    arms = {label: (base ^ (generator.random((3, 600)) < 0.05)).astype(float) for label in "ab"}
    (once,), (twice,) = verdicts(arms), verdicts(arms, looks=Looks(planned=2))
    assert twice.p_beats == pytest.approx(min(1, 2 * once.p_beats))
    assert twice.p_tie == pytest.approx(min(1, 2 * once.p_tie))
    assert (twice.low, twice.high) == (once.low, once.high)


def test_a_look_too_many_is_said_with_its_cost() -> None:
    assert Looks(2, 2).note(0.05) == ""
    assert Looks(1, 2).note(0.05) == (
        "This is the second look at this comparison: over all of them the chance of a wrong answer is about 10 %, "
        "not 5 %."
    )
    assert "third look" in Looks(2, 3).note(0.05) and "about 7.5 %" in Looks(2, 3).note(0.05)
    (found,) = verdicts({"a": np.ones((2, 40)), "b": np.zeros((2, 40))}, looks=Looks(1, 2))
    assert found.answer == "a" and "second look" in found.notes[-1]
    with pytest.raises(UsageProblem, match="looks-range"):
        Looks(0)


def test_where_looks_overrule_the_single_interval_it_is_said() -> None:
    a = np.ones((3, 500))
    b = a.copy()
    b[:, :6] = 0
    (alone,) = verdicts({"a": a, "b": b}, margin=0)
    (shared,) = verdicts({"a": a, "b": b}, margin=0, looks=Looks(planned=5))
    assert (alone.answer, shared.answer) == ("a", "unknown")
    assert "corrected for 1 comparison (Holm) and 5 looks that does not suffice" in shared.notes[-1]
