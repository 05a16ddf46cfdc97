"""PoolingSequence: layers one after the other, a convolution and its pooling taken together where that is faster."""

from typing import cast

from jaxtyping import Float
from torch import Tensor, nn

from neocog.nn.pooled_convolution import can_pool, pooled_convolution
from neocog.nn.scaled_tanh import ScaledTanh

NEVER_FALLING = (nn.Identity, nn.LeakyReLU, nn.ReLU, nn.Sigmoid, nn.Tanh, ScaledTanh)


class PoolingSequence(nn.Sequential):
    """An ``nn.Sequential`` that runs convolution, activation and 2x2 max-pooling as one step where it can.

    The result is that of the layers one by one, to rounding. They are run one by one when any of them has a hook (so
    that whoever looks at a layer sees it work), on a GPU, in reduced precision and when compiled.
    """

    def forward(self, images: Float[Tensor, "n c h w"]) -> Tensor:
        """The output of the last layer."""
        layers, x = list(self), images
        while layers:
            if self._pools(layers, x):
                convolution, activation, _ = layers[:3]
                kernel, padding = cast(nn.Conv2d, convolution), cast(tuple[int, int], convolution.padding)
                x = activation(pooled_convolution(x, kernel.weight, cast(Tensor, kernel.bias), padding[0]))
                layers = layers[3:]
            else:
                x = layers.pop(0)(x)
        return x

    @staticmethod
    def _pools(layers: list[nn.Module], x: Tensor) -> bool:
        if len(layers) < 3:
            return False
        convolution, activation, pool = layers[:3]
        return (
            type(convolution) is nn.Conv2d
            and type(activation) in NEVER_FALLING
            and type(pool) is nn.MaxPool2d
            and not any(layer._forward_hooks or layer._forward_pre_hooks for layer in (convolution, activation, pool))
            and not any(layer._backward_hooks or layer._backward_pre_hooks for layer in (convolution, activation, pool))
            and can_pool(x, convolution, pool)
        )
