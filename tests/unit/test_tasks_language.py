import math
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
import torch

from neocog.core.batch import blank
from neocog.core.errors import UsageProblem
from neocog.core.progress import Silent
from neocog.core.shapes import Steps, Tokens, Vector
from neocog.data.augment import Augmentation
from neocog.data.family import Batching
from neocog.data.text_data import TextBatch, TextData
from neocog.data.text_family import from_text
from neocog.data.text_read import TextChoice
from neocog.fit.descent import Descent
from neocog.fit.history import Outcome
from neocog.measures.language import language_scores
from neocog.networks.mlp import MLP
from neocog.networks.recurrent import Recurrent
from neocog.runs.checkpoints import load_newest
from neocog.runs.folder import RunFolder
from neocog.runs.predictor import Predictor
from neocog.runs.run import run, until
from neocog.runs.train import resume, train
from neocog.tasks import task_of
from neocog.tasks.language import Language
from neocog.tasks.task import Samples

VERSE = "the cat sat on the mat and the dog lay by the log; " * 30


def text() -> TextData:
    return from_text(VERSE, TextChoice(name="verse", window=16, context=20))


def task_and_network(seed: int = 1) -> tuple[Language, Recurrent]:
    data = text()
    task = Language.for_data(data, Descent(rate=1e-2, schedule="constant"))
    torch.manual_seed(seed)
    network = Recurrent(data.takes, task.gives(data), width=32, embedding=8)
    assert task.assemble(network) is network
    return task, network


def test_scores_of_a_hand_worked_case() -> None:
    found = language_scores(np.array([1.0, 2.0], np.float32), np.array([0.5, 0.25], np.float32))
    assert found == pytest.approx(
        {
            "nats_per_character": 1.5,
            "bits_per_character": 1.5 / math.log(2),
            "perplexity": math.exp(1.5),
            "accuracy": 0.375,
        }
    )


def test_a_network_that_knows_nothing_scores_the_logarithm_of_the_vocabulary() -> None:
    data, (task, network) = text(), task_and_network()
    torch.nn.init.zeros_(network.head.weight)
    torch.nn.init.zeros_(network.head.bias)
    meter = task.meter()
    with torch.no_grad():
        for batch in task.still(data, "test", Batching(3)).batches(0, 0):
            meter.update(task.predict(network, batch), batch)
    scores = task.scores(meter.record())
    assert scores["nats_per_character"] == pytest.approx(math.log(data.vocabulary.size), rel=1e-5)
    assert task.item_scores(meter.record()).shape == (data.windows("test"),)


def test_the_state_goes_on_from_window_to_window_and_ends_with_the_pass() -> None:
    data, (task, network) = text(), task_and_network()
    learner = task.learner(network)
    carried = learner.parts()["carried"]
    seen: list[torch.Tensor | None] = []
    carry = network.carry

    def listen(tokens: torch.Tensor, state: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        seen.append(None if state is None else state.clone())
        return carry(tokens, state)

    network.carry = listen  # type: ignore[method-assign]
    source = task.source(data, network, Batching(4), Augmentation())
    for epoch in (0, 1):
        for batch in source.batches(epoch, 0):
            after = carried.state_dict().get("state")
            learner.step(batch, 0.0)
            if after is not None and not batch.fresh.any():
                assert seen[-1] is not None
                assert torch.equal(seen[-1], after)
                assert not after.requires_grad
            elif epoch:
                assert seen[-1] is not None
                assert not seen[-1].any()
    assert seen[0] is None


def test_a_network_without_state_is_refused() -> None:
    task, _ = task_and_network()
    with pytest.raises(UsageProblem, match="no state"):
        task.assemble(MLP(Tokens(9, 4), Vector(3)))


def test_prompts_are_continued_alike_alone_and_together_and_seeded() -> None:
    data, (task, network) = text(), task_and_network()
    network.eval()

    def said(*prompts: str | None, **options: float) -> list[str]:
        batch = task.inputs(data, task.items(list(prompts)), "cpu")
        return [str(each["text"]) for each in task.answer(network, batch, length=12, **options).values]  # type: ignore[arg-type]

    both = said("the ", "a longer prompt")
    assert both == said("the ") + said("a longer prompt")
    assert all(len(each) == size for each, size in zip(both, (4 + 12, 15 + 12), strict=True))
    assert both[0] != said("the ", seed=1)[0]
    assert said("the ", temperature=0.0) == said("the ", temperature=0.0, seed=5) == said("the ", top_k=1)
    assert "\N{REPLACEMENT CHARACTER}" not in "".join(said("the ", temperature=10.0))


def test_no_prompt_begins_a_line_and_what_is_no_text_is_refused() -> None:
    data, (task, _) = text(), task_and_network()
    assert task.items(()) == [None]
    assert task.items("a") == ["a"]
    batch = task.inputs(data, task.items(()), "cpu")
    assert isinstance(batch, TextBatch)
    assert batch.tokens.tolist() == [[0]]
    with pytest.raises(UsageProblem, match="not int"):
        task.items([3])


def test_texts_tell_their_task() -> None:
    assert task_of("stdlib") == task_of("poems.txt") == "language"
    assert task_of("digits") == "classify"


def test_the_figure_follows_the_text() -> None:
    task, _ = task_and_network()
    record = {"nats": np.linspace(1, 2, 90, dtype=np.float32), "right": np.zeros(90, np.float32)}
    (figure,) = task.figures(Samples([], {"recurrent": [record, record]}, {}))
    assert "2.0" in figure.alt or "1.9" in figure.alt


def verse(folder: Path) -> Path:
    path = folder / "verse.txt"
    path.write_text(VERSE)
    return path


def trained(folder: Path, into: str, steps: int = 12) -> Predictor:
    return train(
        verse(folder),
        "recurrent[width=16,embedding=8]",
        task="language",
        budget=f"steps={steps}",
        into=folder / into,
        settings={"plan.batch_size": 4, "plan.evaluations": 2},
        window=16,
    )


def test_a_run_cut_after_each_step_ends_with_the_same_bits(tmp_path: Path) -> None:
    whole = trained(tmp_path, "whole")
    experiment = whole.experiment
    data = Language.family.open(experiment.data, download=False, keep=False, largest=0, progress=Silent())
    cut = RunFolder(tmp_path / "cut")
    for _ in range(5):
        assert run(experiment, data, cut, watch=until(perf_counter())) is Outcome.OUT_OF_TIME
    again = resume(cut.path)
    ends = [load_newest(folder.checkpoints, "last")[0] for folder in (whole.folder, again.folder)]
    first, second = (end.state for end in ends if end is not None)
    assert first["carried"]["state"].any()
    for part in ("network", "carried"):
        assert first[part].keys() == second[part].keys()
        assert all(torch.equal(first[part][name], second[part][name]) for name in first[part])
    assert whole.facts["test_scores"] == again.facts["test_scores"]


def test_a_run_learns_a_verse_and_goes_on_with_it(tmp_path: Path) -> None:
    predictor = trained(tmp_path, "learnt", steps=150)
    assert predictor.facts["test_scores"]["nats_per_character"] < 2.0
    (answer,) = predictor.predict("the cat ", length=20)
    assert answer["text"] == "the cat " + answer["continuation"]
    assert len(answer["continuation"]) == 20


def test_gives_has_the_shape_of_the_output() -> None:
    task, network = task_and_network()
    data = text()
    assert task.gives(data) == Steps(16, data.vocabulary.size)
    assert network(blank(data.takes, 2)).shape == (2, 16, data.vocabulary.size)
