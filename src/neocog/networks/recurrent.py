"""Recurrent: RNN, LSTM or GRU, for text and for series."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from jaxtyping import Float, Shaped
from torch import Tensor, nn

from neocog.core.errors import UsageProblem
from neocog.core.rules import Between, OneOf
from neocog.core.shapes import Series, Steps, Tokens, Vector
from neocog.networks.network import AbstractNetwork, Facts
from neocog.nn.dropout import Dropout
from neocog.nn.recurrence import CELLS, Recurrence


class Recurrent(AbstractNetwork):
    """Recurrent layers over the steps of a sequence, and a dense layer on their outputs.

    Tokens are embedded first, the moments of a series are taken as they are. Where the output has steps, there is one
    at every step of the input; where it is a vector, it is made from the last step.

    Source: Elman 1990, Finding structure in time; Hochreiter and Schmidhuber 1997, Long short-term memory; Cho et al.
    2014, arXiv:1406.1078. Dropout is on the embedding and on the outputs of layers, never from step to step, as in
    Zaremba et al. 2014, arXiv:1409.2329.
    """

    facts = Facts(
        idea="reads a sequence step by step and keeps a state",
        year=1997,
        source="Hochreiter and Schmidhuber 1997, Long short-term memory",
    )
    scaled: ClassVar[tuple[str, ...]] = ("width",)

    def __init__(
        self,
        takes: Tokens | Series,
        gives: Steps | Vector,
        *,
        cell: Annotated[str, OneOf(*CELLS), "Kind of recurrent unit."] = "lstm",
        width: Annotated[int, Between(1, 8192), "Units of a layer."] = 256,
        layers: Annotated[int, Between(1, 16), "Recurrent layers, one above the other."] = 1,
        embedding: Annotated[int, Between(1, 8192), "Numbers that stand for a token; a series has none."] = 64,
        dropout: Annotated[float, Between(0, 1, open_high=True), "Share of outputs left out at each step."] = 0.125,
    ) -> None:
        super().__init__()
        if not isinstance(takes, (Tokens, Series)) or not isinstance(gives, (Steps, Vector)):
            raise UsageProblem(
                "network-other-shape",
                f"recurrent takes tokens or series and gives steps or a vector; here that is "
                f"{type(takes).__name__.lower()} and {type(gives).__name__.lower()}",
                where="network recurrent",
                help="see `neocog networks` for what each is for",
            )
        self.takes, self.gives = takes, gives
        reads_tokens = isinstance(takes, Tokens)
        inputs = embedding if isinstance(takes, Tokens) else takes.channels
        self.embedding = nn.Embedding(takes.vocabulary, embedding) if isinstance(takes, Tokens) else nn.Identity()
        self.before = Dropout(dropout if reads_tokens else 0.0)
        self.body = Recurrence(inputs, width, layers=layers, cell=cell, dropout=dropout)
        self.after = Dropout(dropout)
        self.head = nn.Linear(width, gives.width if isinstance(gives, Steps) else gives.length)

    @property
    def strides(self) -> Mapping[str, int]:
        """None: there are no maps."""
        return {}

    def features(self, items: Shaped[Tensor, "n *axes"]) -> dict[str, Tensor]:
        """Refused: there are no maps."""
        raise UsageProblem(
            "network-without-maps",
            "recurrent has no feature maps: it keeps a state instead",
            where="network recurrent",
            help="choose a network with convolutions, such as simple-cnn or causal-cnn",
        )

    def forward(self, items: Shaped[Tensor, "n *axes"]) -> Float[Tensor, "n *out"]:
        """The output, from a state of zeros."""
        return self.carry(items, None)[0]

    def carry(
        self, items: Shaped[Tensor, "n *axes"], state: Float[Tensor, "states n width"] | None
    ) -> tuple[Float[Tensor, "n *out"], Float[Tensor, "states n width"]]:
        """The output and the state after the last step, from the state before the first; any number of steps."""
        outputs, after = self.body(self.before(self.embedding(items)), state)
        if isinstance(self.gives, Vector):
            outputs = outputs[:, -1]
        return self.head(self.after(outputs)), after
