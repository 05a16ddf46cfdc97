"""How the runs of a comparison are made: what its report says under that heading."""

import os
from collections.abc import Sequence

from neocog.fit.descent import OPTIMIZERS
from neocog.runs.experiment import Experiment
from neocog.runs.run import versions


def how_made(experiments: Sequence[Experiment]) -> dict[str, str]:
    """How runs are made, as far as it is the same for all networks."""
    facts = [_facts_of(experiment) for experiment in experiments]
    common = {name: value for name, value in facts[0].items() if all(each[name] == value for each in facts)}
    build = {name.capitalize(): str(value) for name, value in versions().items() if name != "threads"}
    return {**common, **build, "Processor cores": str(os.cpu_count())}


def _facts_of(experiment: Experiment) -> dict[str, str]:
    descent, plan, engine = experiment.descent, experiment.plan, experiment.engine
    rate = descent.rate if descent.rate is not None else OPTIMIZERS[descent.optimizer].rate
    return {
        "Augmentation": experiment.augment.describe(),
        "Optimizer": f"{descent.optimizer}, highest learning rate {rate:g}, {descent.schedule} schedule",
        "Batch size": str(plan.batch_size),
        "Device": engine.device,
        "Precision": engine.precision,
        "Threads": str(engine.threads),
    }
