"""SimpleCNN: the convolutional network that many tutorials begin with."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Annotated, ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.rules import AtLeast, OneOf
from neocog.core.shapes import Image, Vector
from neocog.networks.network import AbstractNetwork, Facts, check_size
from neocog.nn.activations import ActivationName, initialise
from neocog.nn.activations import activation as activation_layer
from neocog.nn.dropout import Dropout
from neocog.nn.pooling_sequence import PoolingSequence
from neocog.nn.tapped import tapped


class SimpleCNN(AbstractNetwork):
    """One convolution, one pooling, one hidden dense layer.

    Layer for layer the Keras listing ``Conv2D(32, (3, 3), activation="relu")``, ``MaxPooling2D((2, 2))``,
    ``Dropout(0.25)``, ``Flatten()``, ``Dense(128, activation="relu")``, ``Dropout(0.5)``,
    ``Dense(classes, activation="softmax")``. We differ in two things: the output is logits, since our losses take the
    softmax in; and the dense layer sees the maps one after the other instead of interleaved. Weights begin as Keras's
    do (Glorot's); ``initialisation="fitting"`` gives He's before ReLU, with which the wide dense layer behind the
    pooling begins so large that it may never learn from few, large images.
    """

    facts = Facts(
        idea="one convolution, one pooling, one hidden dense layer: the CNN of many tutorials",
        year=2015,
        source="the Keras examples; LeCun et al. 1989 for the idea",
        smallest=4,
        home=28,
        channels=1,
        classes=10,
    )
    scaled: ClassVar[tuple[str, ...]] = (
        "maps",
        "width",
    )

    def __init__(
        self,
        takes: Image,
        gives: Vector,
        *,
        maps: Annotated[int, AtLeast(1), "Filters of the convolution."] = 32,
        width: Annotated[int, AtLeast(1), "Units in the hidden dense layer."] = 128,
        activation: ActivationName = "relu",
        initialisation: Annotated[
            str, OneOf("fitting", "glorot"), "Initial weights: as fits the activation, or Keras's."
        ] = "glorot",
    ) -> None:
        super().__init__()
        check_size(takes, self.facts.smallest, "simple-cnn")
        self.takes, self.gives = takes, gives
        self.body = PoolingSequence(
            OrderedDict(
                convolution=nn.Conv2d(takes.channels, maps, 3),
                activation=activation_layer(activation),
                pool=nn.MaxPool2d(2),
                dropout=Dropout(0.25),
            )
        )
        output = nn.Linear(width, gives.size)
        units = maps * ((takes.height - 2) // 2) * ((takes.width - 2) // 2)
        self.head = nn.Sequential(
            OrderedDict(
                flatten=nn.Flatten(),
                dense=nn.Linear(units, width),
                activation=activation_layer(activation),
                dropout=Dropout(0.5),
                output=output,
            )
        )
        initialise(self, activation if initialisation == "fitting" else "glorot")
        initialise(output, "glorot")

    @property
    def strides(self) -> Mapping[str, int]:
        """Input pixels per step in each map."""
        return {"convolution": 1, "pool": 2}

    def features(self, images: Float[Tensor, "n c h w"]) -> dict[str, Tensor]:
        """``convolution``, after its activation, and ``pool``, after its dropout."""
        return tapped(self.body, images, {"activation": "convolution", "dropout": "pool"})

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        """Logits."""
        return self.head(self.body(images))
