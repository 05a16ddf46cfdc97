"""AbstractLearner: how parameters move."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from torch import Tensor, nn

from neocog.core.batch import Batch

B = TypeVar("B", bound=Batch)


@runtime_checkable
class Stateful(Protocol):
    """Anything with a state that a checkpoint can hold."""

    def state_dict(self) -> dict[str, Any]:
        """Tensors and numbers, nested in dicts and lists."""
        ...

    def load_state_dict(self, state_dict: dict[str, Any]) -> Any:
        """Take over a state that ``state_dict`` gave."""
        ...


class AbstractLearner(ABC, Generic[B]):
    """One update at a time, whatever that takes; ``network`` is what the finished run is judged by."""

    network: nn.Module

    @abstractmethod
    def step(self, batch: B, progress: float) -> Mapping[str, Tensor]:
        """Move the parameters once.

        Args:
            batch: the items of this step, on the network's device.
            progress: how much of the plan is done, from 0 (first step) to just under 1 (last step).

        Returns:
            Scalars to write down, detached and still on the device; "loss" is the one that is lowered.
        """

    @abstractmethod
    def parts(self) -> Mapping[str, Stateful]:
        """Everything that a checkpoint must hold to go on exactly."""
