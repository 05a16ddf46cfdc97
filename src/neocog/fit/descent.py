"""Descent: which optimizer moves the parameters, at which rate, and how it is held back."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import torch
from torch import nn

from neocog.core.rules import Above, AtLeast, Between, OneOf
from neocog.fit.schedules import SCHEDULES, rate_factor


class Optimizer(NamedTuple):
    """An optimizer of torch with the settings that go with its name."""

    kind: Callable[..., torch.optim.Optimizer]
    rate: float
    weight_decay: float
    settings: Mapping[str, Any]
    takes_momentum: bool = False


OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer(torch.optim.SGD, 0.1, 0.0, {}),
    "momentum": Optimizer(torch.optim.SGD, 0.05, 5e-4, {}, takes_momentum=True),
    "nesterov": Optimizer(torch.optim.SGD, 0.05, 5e-4, {"nesterov": True}, takes_momentum=True),
    "adam": Optimizer(torch.optim.Adam, 1e-3, 0.0, {}),
    "adamw": Optimizer(torch.optim.AdamW, 1e-3, 0.01, {}),
    "rmsprop": Optimizer(torch.optim.RMSprop, 1e-3, 0.0, {"alpha": 0.9}),
    "adagrad": Optimizer(torch.optim.Adagrad, 1e-2, 0.0, {}),
    "adadelta": Optimizer(torch.optim.Adadelta, 1.0, 0.0, {"rho": 0.9, "eps": 1e-6}),
    "adadelta-keras": Optimizer(torch.optim.Adadelta, 1e-3, 0.0, {"rho": 0.95, "eps": 1e-7}),
}


@dataclass(frozen=True, kw_only=True)
class Descent:
    """Gradient descent: optimizer, learning rate, schedule, weight decay and clipping.

    Weight decay spares everything with one axis: biases and the scales of normalisation layers. It is decoupled in
    ``adamw`` and added to the gradient elsewhere, as in the optimizers' papers.
    """

    optimizer: Annotated[str, OneOf(*OPTIMIZERS), "Optimizer."] = "adamw"
    rate: Annotated[float | None, Above(0), "Highest learning rate; none means the optimizer's usual one."] = None
    momentum: Annotated[float, Between(0, 1, open_high=True), "Momentum, for momentum and nesterov."] = 0.9
    weight_decay: Annotated[float | None, AtLeast(0), "Weight decay; none means the optimizer's usual one."] = None
    schedule: Annotated[str, OneOf(*SCHEDULES), "Learning-rate schedule over the steps of the plan."] = "one-cycle"
    warmup: Annotated[float, Between(0, 1, open_high=True), "Share of the plan with a linear warm-up."] = 0.0
    final: Annotated[float, Between(0, 1, open_low=True), "Share of the rate that is left at the end."] = 0.001
    clip: Annotated[float | None, Above(0), "Largest gradient norm; none means no clipping."] = None

    def optimizer_for(self, network: nn.Module) -> torch.optim.Optimizer:
        """The optimizer over the network's trainable parameters; fused where torch has it for their device."""
        kind, rate, usual_decay, settings, takes_momentum = OPTIMIZERS[self.optimizer]
        decay = self.weight_decay if self.weight_decay is not None else usual_decay
        parameters = [p for p in network.parameters() if p.requires_grad]
        groups = [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": decay},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]
        settings = dict(settings) | ({"momentum": self.momentum} if takes_momentum else {})
        if "fused" in inspect.signature(kind).parameters and all(p.is_floating_point() for p in parameters):
            settings["fused"] = True
        return kind(
            [group for group in groups if group["params"]], lr=self.rate if self.rate is not None else rate, **settings
        )

    def set_rate(self, optimizer: torch.optim.Optimizer, progress: float) -> float:
        """Set the learning rate for this share of the plan, and say which it is."""
        full = self.rate if self.rate is not None else OPTIMIZERS[self.optimizer].rate
        rate = full * rate_factor(self.schedule, progress, warmup=self.warmup, final=self.final)
        for group in optimizer.param_groups:
            group["lr"] = rate
        return rate

    def clip_gradients(self, network: nn.Module) -> None:
        """Scale the gradients down to the largest norm allowed."""
        if self.clip is not None:
            nn.utils.clip_grad_norm_(network.parameters(), self.clip)
