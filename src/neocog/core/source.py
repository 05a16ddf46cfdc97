"""AbstractSource: where batches come from."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Generic, TypeVar

from neocog.core.batch import Batch

B = TypeVar("B", bound=Batch)


class AbstractSource(ABC, Generic[B]):
    """Batches of one family of data, in passes ("epochs").

    ``size`` is the number of batches per pass; ``None`` means that a pass never ends.
    """

    size: int | None

    @abstractmethod
    def batches(self, epoch: int, seed: int) -> Iterator[B]:
        """One pass over the data: a pure function of ``(epoch, seed)``, so that any pass can be repeated exactly."""
