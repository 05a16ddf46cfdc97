"""Holm's correction and McNemar's exact test by hand."""

import numpy as np
import pytest

from neocog.measures.holm import holm
from neocog.measures.mcnemar import mcnemar_exact


def test_holm_by_hand() -> None:
    assert holm(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])
    assert holm(np.array([0.6, 0.7])) == pytest.approx([1.0, 1.0])
    assert holm(np.array([])).shape == (0,)


def test_mcnemar_by_hand() -> None:
    assert mcnemar_exact(6, 0) == pytest.approx(2 / 64)
    assert mcnemar_exact(0, 5) == pytest.approx(2 / 32)
    assert mcnemar_exact(3, 3) == 1
    assert mcnemar_exact(0, 0) == 1
