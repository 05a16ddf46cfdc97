"""``neocog train``."""

from typing import Annotated

from cyclopts import Parameter

from neocog.cli.clock import STARTED
from neocog.cli.data import data_options
from neocog.cli.going_on import resume_run, says_how_to_go_on
from neocog.cli.output import Output
from neocog.cli.runs import show_run
from neocog.cli.settings import settings_from
from neocog.cli.shared import DataFlags, LearnFlags, OutputFlags
from neocog.core.catalogue import Spec, modules_of


def train(
    data: Annotated[str | None, Parameter(help="What to train on; digits by default.")] = None,
    /,
    *,
    network: Annotated[
        str | None, Parameter(help="A network, with options: resnet[depth=20]; simple-cnn by default.")
    ] = None,
    budget: Annotated[
        str, Parameter(help="How long: epochs=20, steps=2000, flops=1e12, or a time such as 90s or 10m.")
    ] = "epochs=20",
    seed: Annotated[int, Parameter(help="Seed of the weights, the order, the augmentation and dropout.")] = 0,
    from_: Annotated[
        str | None,
        Parameter(name="--from", help="Weights to start from: a .safetensors or .npz file, a run, torchvision:NAME."),
    ] = None,
    freeze: Annotated[
        str | None, Parameter(help="What stays as it is: backbone (all but the head), or so many first blocks.")
    ] = None,
    into: Annotated[str | None, Parameter(help="Run folder to make.")] = None,
    learning: LearnFlags = LearnFlags(),
    reading: DataFlags = DataFlags(),
    output: OutputFlags = OutputFlags(),
) -> None:
    """Train one network on DATA, and score it once on the test part."""
    out = Output(output)
    settings = settings_from(reading.set) | ({} if freeze is None else {"descent.freeze": freeze})
    from neocog.runs.train import train as run_training

    with says_how_to_go_on(resume_run):
        predictor = run_training(
            data,
            network,
            task=learning.task,
            budget=budget,
            seed=seed,
            into=into,
            device=learning.device,
            augment=learning.augment,
            start=from_,
            settings=settings,
            download=reading.download,
            keep=not reading.no_cache,
            progress=out.progress(),
            started=STARTED,
            allow_modules=modules_of([Spec.parse(each) for each in (network, learning.task) if each]),
            **data_options(reading),
        )
    show_run(out, predictor)
