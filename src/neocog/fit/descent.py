"""Descent: which optimizer moves the parameters, at which rate, and how it is held back."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import torch
from torch import nn

from neocog.core.rules import Above, AtLeast, Between, OneOf
from neocog.fit.blocks import NOTHING, blocks_of, frozen_blocks, hold_norms, hold_still
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

    ``freeze``, ``unfreeze`` and ``layer_decay`` are for networks that begin with weights from elsewhere. Frozen blocks
    (``fit/blocks.py``) compute as in prediction: their batch norm keeps its statistics. Source of rates that fall
    towards the first layers, and of gradual unfreezing: Howard and Ruder 2018, arXiv 1801.06146, sections 3.1 and 3.2;
    we thaw block by block over the rest of the plan instead of one block per epoch.
    """

    optimizer: Annotated[str, OneOf(*OPTIMIZERS), "Optimizer."] = "adamw"
    rate: Annotated[float | None, Above(0), "Highest learning rate; none means the optimizer's usual one."] = None
    momentum: Annotated[float, Between(0, 1, open_high=True), "Momentum, for momentum and nesterov."] = 0.9
    weight_decay: Annotated[float | None, AtLeast(0), "Weight decay; none means the optimizer's usual one."] = None
    schedule: Annotated[str, OneOf(*SCHEDULES), "Learning-rate schedule over the steps of the plan."] = "one-cycle"
    warmup: Annotated[float, Between(0, 1, open_high=True), "Share of the plan with a linear warm-up."] = 0.0
    final: Annotated[float, Between(0, 1, open_low=True), "Share of the rate that is left at the end."] = 0.001
    clip: Annotated[float | None, Above(0), "Largest gradient norm; none means no clipping."] = None
    freeze: Annotated[str, "What stays as it is: none, backbone (all but the head), or so many first blocks."] = NOTHING
    unfreeze: Annotated[
        float | None,
        Between(0, 1, open_high=True),
        "Share of the plan after which frozen blocks begin to move, from the last to the first; none: never.",
    ] = None
    freeze_norms: Annotated[bool, "Batch norm keeps the statistics it began with, also in blocks that move."] = False
    layer_decay: Annotated[
        float, Between(0, 1, open_low=True), "Each block's rate is this share of the next one's, up to the head's."
    ] = 1.0

    def optimizer_for(self, network: nn.Module) -> torch.optim.Optimizer:
        """The optimizer over the network's trainable parameters; fused where torch has it for their device.

        Freezes what is to be frozen. A group of parameters with a rate of its own has its ``share`` of the full rate,
        one that begins to move later has ``begins``, the share of the plan that is done by then.

        Raises:
            UsageProblem: ``freeze`` names no blocks of this network.
        """
        kind, rate, usual_decay, settings, takes_momentum = OPTIMIZERS[self.optimizer]
        decay = self.weight_decay if self.weight_decay is not None else usual_decay
        parameters = [p for p in network.parameters() if p.requires_grad]
        groups = []
        for special, some in self._divided(network, parameters):
            groups.append({"params": [p for p in some if p.ndim > 1], "weight_decay": decay, **special})
            groups.append({"params": [p for p in some if p.ndim <= 1], "weight_decay": 0.0, **special})
        settings = dict(settings) | ({"momentum": self.momentum} if takes_momentum else {})
        if "fused" in inspect.signature(kind).parameters and all(p.is_floating_point() for p in parameters):
            settings["fused"] = True
        return kind(
            [group for group in groups if group["params"]], lr=self.rate if self.rate is not None else rate, **settings
        )

    def set_rate(self, optimizer: torch.optim.Optimizer, progress: float) -> float:
        """Set the learning rate for this share of the plan, and say which it is; let move what begins to."""
        full = self.rate if self.rate is not None else OPTIMIZERS[self.optimizer].rate
        rate = full * rate_factor(self.schedule, progress, warmup=self.warmup, final=self.final)
        for group in optimizer.param_groups:
            group["lr"] = rate * group.get("share", 1.0)
            if "begins" in group:
                for parameter in group["params"]:
                    parameter.requires_grad_(progress >= group["begins"])
        return rate

    def clip_gradients(self, network: nn.Module) -> None:
        """Scale the gradients down to the largest norm allowed."""
        if self.clip is not None:
            nn.utils.clip_grad_norm_(network.parameters(), self.clip)

    def _divided(
        self, network: nn.Module, parameters: list[nn.Parameter]
    ) -> list[tuple[dict[str, float], list[nn.Parameter]]]:
        """Parameters by what is special about them; those that never move are left out."""
        if self.freeze_norms:
            hold_norms(network)
        frozen = frozen_blocks(network, self.freeze)
        for block in frozen:
            hold_still(block)
            for parameter in block.parameters:
                parameter.requires_grad_(False)
        if self.layer_decay == 1 and not frozen:
            return [({}, parameters)]
        blocks, special = blocks_of(network), dict[int, dict[str, float]]()
        for number, block in enumerate(blocks):
            pace = {"share": self.layer_decay ** (len(blocks) - number)} if self.layer_decay < 1 else {}
            special |= {id(p): pace for module in block.modules for p in module.parameters()}
            if number < len(frozen) and self.unfreeze is not None:
                later = (len(frozen) - 1 - number) / len(frozen)
                pace = {**pace, "begins": self.unfreeze + later * (1 - self.unfreeze)}
                special |= {id(p): pace for p in block.parameters}
        groups: list[tuple[dict[str, float], list[nn.Parameter]]] = []
        for parameter in parameters:
            pace = special.get(id(parameter), {})
            if not parameter.requires_grad and "begins" not in pace:
                continue
            if all(known != pace for known, _ in groups):
                groups.append((pace, []))
            next(some for known, some in groups if known == pace).append(parameter)
        return groups
