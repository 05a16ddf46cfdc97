"""``neocog lr-find``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from neocog.cli.data import asked, opened
from neocog.cli.output import Output
from neocog.cli.settings import settings_from
from neocog.cli.shared import DataFlags, LearnFlags, OutputFlags
from neocog.core.options import check
from neocog.core.rules import Between


def lr_find(
    data: Annotated[str, Parameter(help="What to train on.")] = "digits",
    /,
    *,
    network: Annotated[
        str | None, Parameter(help="A network, with options: resnet[depth=20]; simple-cnn by default.")
    ] = None,
    steps: Annotated[int, Parameter(help="Updates.")] = 200,
    into: Annotated[str | None, Parameter(help="Name of the picture; lr-find-NETWORK.svg by default.")] = None,
    learning: LearnFlags = LearnFlags(),
    reading: DataFlags = DataFlags(),
    output: OutputFlags = OutputFlags(),
) -> None:
    """Raise the learning rate from far too small to far too large, and draw the loss (range test)."""
    out = Output(output)
    check(_limits, {"steps": steps}, name="lr-find")
    settings = settings_from(reading.set)
    from neocog.core.catalogue import ANY_MODULE, Spec
    from neocog.figures.standalone import save
    from neocog.runs.range_test import range_test
    from neocog.runs.setup import Question, resolve

    named, kind = asked(data, learning.task)
    spec = Spec.parse(network or kind.network)
    choice, looked_at = opened(data, kind, reading, out, learning.device)
    experiment = resolve(
        Question(named, choice, looked_at),
        spec,
        device=learning.device,
        augment=learning.augment,
        settings=settings,
        allow_modules=ANY_MODULE,
    )
    found = range_test(experiment, looked_at, steps=steps, progress=out.progress(), allow_modules=ANY_MODULE)
    picture = save(found.figure(), Path(into or f"lr-find-{spec.name.replace(':', '-')}.svg"))
    out.document(
        {
            "network": str(spec),
            "optimizer": found.optimizer,
            "suggestion": found.suggestion,
            "rates": found.rates,
            "losses": found.losses,
            "picture": picture,
        }
    )
    out.say(f"The loss falls fastest at a learning rate of {found.suggestion:.2g} ({found.optimizer}).")
    out.say(f"Try --set descent.rate={found.suggestion:.2g}. Picture: {picture}")


def _limits(*, steps: Annotated[int, Between(10, 100_000)] = 200) -> None:
    """The options of this command, as ``core.options`` checks them."""
