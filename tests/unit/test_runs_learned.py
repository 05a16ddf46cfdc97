"""learned: what the terminal, the JSON and the report say of how networks came to their scores."""

from dataclasses import replace
from pathlib import Path

import pytest

from comparison_example import example
from neocog.report.page import page
from neocog.runs.comparison import Comparison
from neocog.runs.learned import (
    flops_sentence,
    gain_of,
    leads_in_words,
    learned_as_json,
    learned_in_words,
    score_lines,
    still_improving,
)
from neocog.runs.tuning import Tried, TunedArm, Tuning, keep_tuning


def costed(budget: str = "90s") -> Comparison:
    made = example(networks=("lenet5", "mlp"))
    flops = {"lenet5": 4_000_000_000, "mlp": 1_000_000_000}
    arms = tuple(replace(arm, training_flops=flops.get(arm.label, 0), planned_steps=arm.steps) for arm in made.arms)
    return replace(made, arms=arms, budget=budget)


def bent(comparison: Comparison, label: str, *, rising: bool) -> Comparison:
    """The same with curves of one network that rise to the end, or that have ended long before it."""
    arms = []
    for arm in comparison.arms:
        if arm.label == label:
            seeds = []
            for seed in arm.seeds:
                last = seed.history[-1].step if seed.history else 1
                rows = tuple(
                    replace(row, scores={"accuracy": 0.5 + (0.4 * row.step / last if rising else 0.0)})
                    for row in seed.history
                )
                seeds.append(replace(seed, history=rows))
            arm = replace(arm, seeds=tuple(seeds))
        arms.append(arm)
    return replace(comparison, arms=tuple(arms))


def test_a_network_that_still_improves_is_named_everywhere_and_one_that_does_not_is_not() -> None:
    made = bent(bent(costed(), "lenet5", rising=True), "mlp", rising=False)
    assert list(still_improving(made)) == ["lenet5"]
    sentence = still_improving(made)["lenet5"]
    assert sentence in learned_in_words(made) and page(made).count(sentence) >= 3, "verdict, learning and limits"
    told = learned_as_json(made)["still_improving"]
    assert told["lenet5"]["improving"] is True and told["mlp"]["improving"] is False
    flat = bent(made, "lenet5", rising=False)
    assert still_improving(flat) == {} and "still improving" not in page(flat)


def test_lines_run_over_what_was_spent() -> None:
    made = costed()
    arm = next(arm for arm in made.arms if arm.label == "lenet5")
    flops, scores = score_lines(made, "FLOPs").get("lenet5", ([], []))
    seconds, _ = score_lines(made, "seconds").get("lenet5", ([], []))
    assert arm.finished and len(flops) == len(scores) == len(seconds) > 5
    assert flops[-1] == arm.training_flops and seconds[-1] == pytest.approx(arm.finished[0].train_seconds)
    planned = tuple(replace(each, planned_steps=2 * each.steps) for each in made.arms)
    stopped, _ = score_lines(replace(made, arms=planned), "FLOPs")["lenet5"]
    assert stopped[-1] == arm.training_flops / 2, "of a run that ended early, what it did not make is not counted"


def test_crossings_are_named_in_the_report_and_in_the_json() -> None:
    made = costed()
    for spent in ("FLOPs", "seconds"):
        assert leads_in_words(made, spent)
        assert leads_in_words(made, spent) in page(made)
        assert f"score-by-{spent.lower()}" in page(made)
        assert learned_as_json(made)["leads"][spent]


def test_control_without_counted_flops_there_is_no_figure_of_them() -> None:
    made = example(networks=("lenet5", "mlp"))
    assert "score-by-flops" not in page(made) and leads_in_words(made, "FLOPs") == ""
    assert "score-by-seconds" not in page(example(networks=("mlp",))), "one curve crosses nothing"


def test_the_share_of_a_budget_in_flops_is_told() -> None:
    assert flops_sentence(costed()) == ""
    assert "lenet5 4e9 (98.8 %)" in flops_sentence(costed("flops=4.05e9"))


def test_what_was_tried_is_a_section_and_a_limit(tmp_path: Path) -> None:
    made = replace(costed(), folder=tmp_path)
    assert "What was tried before" not in page(made) and "No other learning rate" in page(made)
    trials = (Tried(0.001, 20, 0.91, True), Tried(0.00316, 20, None, False))
    keep_tuning(tmp_path, Tuning(2, 1000, 0.2, (TunedArm("mlp", 0.001, 0.001, trials), TunedArm("lenet5", 0.1, 0.2))))
    text = page(made)
    assert "What was tried before" in text and "No other learning rate" not in text
    assert "mlp: learning rate 0.001 (its usual one), chosen on validation from 2 tried." in text
    assert "lenet5: learning rate 0.2, set by hand and therefore not tuned." in text
    assert "91.0" in text and "dropped" in text
    assert learned_as_json(made)["tuning"]["rates"] == 2 and len(learned_in_words(made)) >= 2


def test_looks_that_are_too_few_tell_nothing() -> None:
    made = costed()
    arm = made.arms[0]
    few = replace(arm, seeds=tuple(replace(seed, history=seed.history[:3]) for seed in arm.seeds))
    assert gain_of(few, made) is None
