"""leads: who is ahead as the budget grows."""

import pytest

from neocog.measures.crossings import Lead, leads, leads_sentence

QUICK = ([1.0, 2.0, 4.0], [0.5, 0.7, 0.8])
SLOW = ([2.0, 8.0, 32.0], [0.3, 0.85, 0.95])


def test_curves_that_cross() -> None:
    found = leads({"mlp": QUICK, "lenet5": SLOW})
    assert found == [Lead("mlp", 1.0), Lead("lenet5", 8.0)]
    assert leads_sentence(found, "FLOPs") == "Up to about 8 FLOPs mlp leads, then lenet5."
    third = [*found, Lead("resnet", 3.1e10)]
    assert leads_sentence(third, "FLOPs").endswith("then lenet5, from about 3.1e10 FLOPs on resnet.")


def test_control_curves_that_do_not_cross_have_one_leader() -> None:
    found = leads({"mlp": QUICK, "linear": ([1.0, 4.0], [0.4, 0.6])})
    assert found == [Lead("mlp", 1.0)]
    assert leads_sentence(found, "seconds") == "mlp leads at every number of seconds that was seen."


def test_a_shorter_run_keeps_what_it_has() -> None:
    assert leads({"mlp": QUICK, "slow": ([8.0, 32.0], [0.1, 0.79])}) == [Lead("mlp", 1.0)]


def test_curves_that_run_together_do_not_cross_at_every_look() -> None:
    xs = [float(x) for x in range(1, 21)]
    a, b = [0.8 + 0.002 * (x % 2) for x in xs], [0.801 for _ in xs]
    assert len(leads({"a": (xs, a), "b": (xs, b)}, 0.005)) == 1
    assert len(leads({"a": (xs, a), "b": (xs, b)}, 0.0)) > 5


@pytest.mark.parametrize("lines", [{}, {"a": ([], [])}])
def test_nothing_to_lead(lines: dict) -> None:
    assert leads(lines) == [] and leads_sentence([], "FLOPs") == ""
