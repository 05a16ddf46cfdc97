"""Vocabulary: which tokens there are, and from text to tokens and back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
BYTES = 256
LEVELS = ("characters", "bytes")


@dataclass(frozen=True)
class Vocabulary:
    """The tokens of a text.

    At the level of characters token 0 stands for every character that train does not have, and the others are the
    characters of train in the order of their code points. At the level of bytes there are 256 tokens, always.
    """

    characters: tuple[str, ...] = ()

    @staticmethod
    def of(text: str) -> "Vocabulary":
        """The characters of a text."""
        return Vocabulary(tuple(sorted(set(text) - {UNKNOWN})))

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return len(self.characters) + 1 if self.characters else BYTES

    @property
    def unknown(self) -> int | None:
        """The token that stands for all others; None at the level of bytes."""
        return 0 if self.characters else None

    def encode(self, text: str) -> Int[np.ndarray, "n"]:
        """A text as tokens."""
        if not self.characters:
            return np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8).astype(np.int64)
        known = np.array([ord(each) for each in self.characters], np.int64)
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
        places = np.minimum(np.searchsorted(known, points), len(known) - 1)
        return np.where(known[places] == points, places + 1, 0)

    def decode(self, tokens: Sequence[int]) -> str:
        """Tokens as a text; what is no text becomes the replacement character."""
        if not self.characters:
            return bytes(tokens).decode("utf-8", "replace")
        return "".join(self.characters[token - 1] if token else UNKNOWN for token in tokens)
