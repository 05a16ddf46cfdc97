"""A module with the face of timm, as far as the adapter uses it: two networks with maps, one of tokens.

Written from timm's documentation; the adapter was tried with timm itself as well, which the tests do not need.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor, nn


class Maps(nn.Module):
    """Two convolutions, pooling, classes."""

    output_fmt = "NCHW"

    def __init__(self, num_classes: int, in_chans: int, width: int = 8) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(in_chans, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        self.stage = nn.Sequential(
            nn.Conv2d(width, 2 * width, 3, 2, 1, bias=False), nn.BatchNorm2d(2 * width), nn.ReLU()
        )
        self.fc = nn.Linear(2 * width, num_classes)
        self.pretrained_cfg: dict[str, Any] = {"fixed_input_size": False}

    def forward_features(self, x: Tensor) -> Tensor:
        return self.stage(self.stem(x))

    def forward_head(self, x: Tensor) -> Tensor:
        return self.fc(x.mean((2, 3)))

    def get_classifier(self) -> nn.Module:
        return self.fc

    def forward(self, x: Tensor) -> Tensor:
        return self.forward_head(self.forward_features(x))


class Patches(nn.Module):
    """Tokens of 4x4 pixels; must be told the size of the images."""

    def __init__(self, num_classes: int, in_chans: int, img_size: tuple[int, int] = (224, 224)) -> None:
        super().__init__()
        self.img_size = img_size
        self.embed = nn.Conv2d(in_chans, 6, 4, 4)
        self.place = nn.Parameter(torch.zeros(1, (img_size[0] // 4) * (img_size[1] // 4), 6))
        self.head = nn.Linear(6, num_classes)
        self.pretrained_cfg: dict[str, Any] = {"fixed_input_size": True}

    def forward_features(self, x: Tensor) -> Tensor:
        assert x.shape[2:] == self.img_size, f"Input size {tuple(x.shape[2:])} doesn't match model {self.img_size}"
        return self.embed(x).flatten(2).transpose(1, 2) + self.place

    def forward_head(self, x: Tensor) -> Tensor:
        return self.head(x.mean(1))

    def get_classifier(self) -> nn.Module:
        return self.head

    def forward(self, x: Tensor) -> Tensor:
        return self.forward_head(self.forward_features(x))


class Greedy(Maps):
    """Takes no image under 32 pixels."""

    def forward_features(self, x: Tensor) -> Tensor:
        if x.shape[2] < 32:
            raise RuntimeError("Calculated padded input size per channel is too small")
        return super().forward_features(x)


MODELS = {"tiny_maps": Maps, "tiny_patches": Patches, "tiny_greedy": Greedy}


@contextmanager
def timm_stand_in() -> Iterator[ModuleType]:
    """``import timm`` gives the stand-in inside."""
    module = ModuleType("timm")
    module.list_models = lambda: sorted(MODELS)  # type: ignore[attr-defined]
    module.is_model = lambda name: name in MODELS  # type: ignore[attr-defined]

    def create_model(name: str, *, pretrained: bool, num_classes: int, in_chans: int, **options: Any) -> nn.Module:
        assert not pretrained, "weights are never fetched"
        return MODELS[name](num_classes, in_chans, **options)

    module.create_model = create_model  # type: ignore[attr-defined]
    with patch.dict(sys.modules, timm=module):
        yield module
