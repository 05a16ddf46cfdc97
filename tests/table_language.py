"""What the table needs to run the laws over language: a tiny text, and a case on it."""

from typing import Any

import torch

from neocog.core.seeds import stream
from neocog.core.shapes import Steps
from neocog.data.augment import Augmentation
from neocog.data.family import Batching
from neocog.data.text_data import TextData
from neocog.data.text_family import from_text
from neocog.data.text_read import TextChoice
from neocog.fit.descent import Descent
from neocog.networks.recurrent import Recurrent
from neocog.tasks.language import Language

WINDOW, LANES = 8, 8
TINY_NETWORK: dict[str, Any] = {"width": 32, "embedding": 8, "dropout": 0.1}


def tiny_text() -> TextData:
    """Letters in an order that can be learnt, long enough for more windows per lane than a law makes steps."""
    letters = "".join("abcdefgh"[(place * place + place // 3) % 8] for place in range(900))
    return from_text(letters, TextChoice(name="tiny", window=WINDOW, context=WINDOW))


def language_parts(seed: int, **options: Any) -> tuple[Any, ...]:
    """Data, task, learner, source and still source, from a seed; it seeds torch's generator, as a run does."""
    data = tiny_text()
    task = Language.for_data(data, Descent(rate=1e-2, schedule="constant"))
    torch.manual_seed(stream(seed, "weights"))
    gives = task.gives(data)
    assert isinstance(gives, Steps)
    network = task.assemble(Recurrent(data.takes, gives, **{**TINY_NETWORK, **options}))
    learner = task.learner(network)
    source = task.source(data, network, Batching(LANES), Augmentation())
    still = task.still(data, "test", Batching(data.windows("test")))
    torch.manual_seed(stream(seed, "training"))
    return data, task, learner, source, still
