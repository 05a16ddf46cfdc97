"""Language: what comes next in this text?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from neocog.core.errors import UsageProblem
from neocog.core.rules import AtLeast, Between
from neocog.core.seeds import generator
from neocog.core.shapes import Steps
from neocog.data.augment import Augmentation
from neocog.data.family import Batching, Family
from neocog.data.text_data import TextBatch, TextData
from neocog.data.text_family import TEXT
from neocog.data.text_source import TextSource
from neocog.data.text_vocabulary import Vocabulary
from neocog.figures.figure import Figure
from neocog.fit.descent import Descent
from neocog.fit.learner import AbstractLearner
from neocog.learners.truncated import Truncated
from neocog.measures.language import language_scores
from neocog.nn.sampling import sample
from neocog.tasks.language_figures import language_figures
from neocog.tasks.task import AbstractMeter, AbstractTask, Answers, Headline, Loss, Record, Samples

PADDING = -1


@dataclass(frozen=True)
class Language(AbstractTask[TextBatch, Tensor]):
    """The next token of a text, at every place of it.

    For networks that carry a state (``carry(tokens, state)``), by truncated backpropagation.

    Args:
        vocabulary: the tokens, in the order of the network's outputs.
        window: tokens of a window.
        descent: how the loss is lowered.
    """

    headline: ClassVar[Headline] = Headline("nats_per_character", False, "nats per character", 0.01)
    family: ClassVar[Family] = TEXT
    usual_data: ClassVar[str] = "stdlib"
    networks: ClassVar[tuple[str, ...]] = ("recurrent[cell=rnn]", "recurrent[cell=gru]", "recurrent[cell=lstm]")
    network: ClassVar[str] = "recurrent"
    usual_descent: ClassVar[Descent] = Descent(rate=4e-3, clip=1.0)
    usual_batch: ClassVar[int | None] = 64
    evaluation_batch: ClassVar[int] = 64
    input: ClassVar[str] = "prompt"

    vocabulary: Vocabulary
    window: int
    descent: Descent

    @classmethod
    def for_data(cls, data: TextData, descent: Descent, **options: Any) -> "Language":
        """The task with the data's vocabulary."""
        return cls(data.vocabulary, data.window, descent, **options)

    def gives(self, data: TextData) -> Steps:
        """One logit per token of the vocabulary, at every place."""
        return Steps(self.window, self.vocabulary.size)

    def assemble(self, network: nn.Module) -> nn.Module:
        """The network itself.

        Raises:
            UsageProblem: it carries no state.
        """
        if not callable(getattr(network, "carry", None)):
            raise UsageProblem(
                "network-without-state",
                f"{type(network).__name__} has no state that goes on from window to window",
                help="choose a network that has one, such as recurrent",
            )
        return network

    def source(self, data: TextData, network: nn.Module, batching: Batching, augmentation: Augmentation) -> TextSource:
        """The train part, in lanes."""
        return TextSource.training(data, batching)

    def still(self, data: TextData, part: str, batching: Batching) -> TextSource:
        """The windows of a part, each with its context."""
        return TextSource.still(data, part, batching)

    def learner(self, network: nn.Module) -> AbstractLearner[TextBatch]:
        """Truncated backpropagation; the state goes on from window to window."""
        return Truncated(network, self.loss, lambda batch: batch.fresh, self.descent)

    def loss(self, network: nn.Module, batch: TextBatch, state: Tensor | None) -> tuple[Loss, Tensor]:
        """Mean nats per token of the windows, and the state after them."""
        logits, after = network.carry(batch.tokens, state)  # type: ignore[operator]
        return Loss(cross_entropy(logits.float().flatten(0, 1), batch.targets.flatten()), {}), after

    def predict(self, network: nn.Module, batch: TextBatch) -> Float[Tensor, "n 2"]:
        """Of each window the mean nats per token and the share of tokens that were thought the likeliest."""
        logits = network(batch.tokens)[:, -batch.targets.shape[1] :].float()
        nats = cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), reduction="none").view_as(batch.targets)
        right = logits.argmax(2) == batch.targets
        return torch.stack([nats.mean(1), right.float().mean(1)], 1)

    def meter(self) -> "LanguageMeter":
        """Collects the nats of windows."""
        return LanguageMeter()

    def scores(self, record: Record) -> dict[str, float]:
        """Nats and bits per character, perplexity, share of characters that were foreseen."""
        return language_scores(record["nats"], record["right"])

    def item_scores(self, record: Record) -> np.ndarray:
        """Mean nats of each window."""
        return record["nats"].astype(np.float64)

    def items(self, given: Any) -> Sequence[Any]:
        """Prompts: one text, several, or none, which begins a line."""
        prompts = [given] if isinstance(given, str) else list(given) or [None]
        wrong = [type(each).__name__ for each in prompts if not isinstance(each, str | None)]
        if wrong:
            raise UsageProblem("prompt-not-text", f"a prompt is a text, not {', '.join(wrong)}", help="give a text")
        return prompts

    def inputs(self, data: TextData, items: Sequence[Any], device: str) -> TextBatch:
        """Prompts as tokens; a character that train does not have is the unknown one."""
        prompts = [torch.as_tensor(data.vocabulary.encode(item or "\n")) for item in items]
        length = max(map(len, prompts))
        tokens = torch.stack([nn.functional.pad(each, (length - len(each), 0), value=PADDING) for each in prompts])
        rows = torch.arange(len(prompts), device=device)
        return TextBatch(tokens.to(device), tokens[:, :0].to(device), torch.ones_like(rows, dtype=torch.bool), rows)

    def answer(
        self,
        network: nn.Module,
        batch: TextBatch,
        *,
        length: Annotated[int, Between(1, 1_000_000), "Tokens to write."] = 400,
        temperature: Annotated[float, Between(0, 10), "Below 1 surer, above 1 bolder; 0: always the likeliest."] = 0.8,
        top_k: Annotated[int, AtLeast(0), "Choose among so many of the likeliest; 0 means all."] = 0,
        seed: Annotated[int, AtLeast(0), "Another seed, another text."] = 0,
    ) -> Answers:
        """Each prompt's ``continuation``, and the whole ``text``."""
        values = []
        for row in batch.tokens:
            prompt = row[row != PADDING]
            said = self.vocabulary.decode(prompt.tolist())
            random = generator(seed, "continue", said)
            logits, state = self._next(network, prompt, None)
            written: list[int] = []
            for _ in range(length):
                written.append(int(sample(logits, temperature=temperature, top_k=top_k, generator=random)))
                logits, state = self._next(network, prompt.new_tensor(written[-1:]), state)
            continuation = self.vocabulary.decode(written)
            values.append({"continuation": continuation, "text": said + continuation})
        return Answers(values, [str(each["text"]) for each in values])

    def figures(self, samples: Samples) -> list[Figure]:
        """Where in the text it was hard."""
        return language_figures(samples)

    def _next(self, network: nn.Module, tokens: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        outputs, after = network.carry(tokens[None], state)  # type: ignore[operator]
        logits = outputs[0, -1].float()
        if self.vocabulary.unknown is not None:
            logits = logits.index_fill(0, logits.new_tensor([self.vocabulary.unknown], dtype=torch.long), -torch.inf)
        return logits, after


class LanguageMeter(AbstractMeter[Tensor, TextBatch]):
    """The nats of all windows seen, in order."""

    def __init__(self) -> None:
        self._seen: list[Tensor] = []

    def update(self, prediction: Float[Tensor, "n 2"], batch: TextBatch) -> None:
        """Take in one batch."""
        self._seen.append(prediction.cpu())

    def record(self) -> Record:
        """``nats`` and ``right`` of each window, float32."""
        nats, right = torch.cat(self._seen).numpy().T
        return {"nats": nats, "right": right}
