"""Cases of control for the table: four games of catch side by side."""

from neocog.data.environment_catch import Catch
from neocog.data.environment_family import ENVIRONMENTS
from neocog.networks import NETWORKS
from neocog.tasks.control import Control
from neocog.testing import Case, case

BY_PLAYING = {"heart": "a batch is what the policy did; to learn it by heart is not to play well"}


def catching(seed: int, algorithm: str = "ppo") -> Case:
    """Few moves, few updates."""
    small = {"moves": 9, "minibatch": 16, "target": 2, "explore": 3, "passes": 2, "algorithm": algorithm}
    data = ENVIRONMENTS.given(Catch)
    return case(
        seed, data, Control, NETWORKS["mlp"], network_options={"widths": (32,)}, task_options=small, batch_size=4
    )
