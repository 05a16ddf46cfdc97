"""Sampling: one token from logits, with a temperature and a limit to the likeliest."""

import torch
from jaxtyping import Float, Int
from torch import Tensor


def sample(
    logits: Float[Tensor, "v"], *, temperature: float, top_k: int, generator: torch.Generator
) -> Int[Tensor, ""]:
    """A token drawn at random.

    Args:
        logits: one per token.
        temperature: above 1 flattens the probabilities, below sharpens them; 0 takes the likeliest.
        top_k: only so many of the likeliest are possible; 0 means all.
        generator: a CPU generator, which one number is drawn from.

    Source: top-k sampling: Fan, Lewis and Dauphin 2018, arXiv:1805.04833. Equals are told apart by their place, so
    that exactly ``top_k`` are left.
    """
    scores = logits.detach().cpu().double()
    if temperature == 0:
        return scores.argmax()
    if 0 < top_k < len(scores):
        kept = scores.topk(top_k).indices
        return kept[sample(scores[kept], temperature=temperature, top_k=0, generator=generator)]
    shares = torch.softmax(scores / temperature, 0).cumsum(0)
    drawn = torch.rand((), generator=generator, dtype=torch.float64) * shares[-1]
    return (shares <= drawn).sum().clamp(max=len(shares) - 1)
