"""The comparisons that controls train, each in a folder of its own beside the main one's arms."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from time import perf_counter
from typing import Any

from neocog.core.catalogue import Spec, find
from neocog.core.errors import Problem
from neocog.core.progress import AbstractProgress
from neocog.data.controls import permuted_pixels, shuffled_labels
from neocog.data.images import ImageData
from neocog.runs.allot import counted, try_out, within
from neocog.runs.arms import Arm, make_arm
from neocog.runs.budget import Budget
from neocog.runs.comparison_folder import ComparisonFacts, ComparisonFolder, summary
from neocog.runs.control_plan import MATCHED, PERMUTED, SHUFFLED, without_widths
from neocog.runs.folder import RunFolder
from neocog.runs.going_on import Asked
from neocog.runs.run import data_facts, run, until
from neocog.runs.setup import Question
from neocog.runs.train_arms import train_all
from neocog.runs.tune import Tuner, keep_tuned
from neocog.tasks import TASKS

FOLDER = "controls"
ORDER = 0  # the seed of the one order of pixels


@dataclass(frozen=True)
class Bench:
    """What every control trains with: the main comparison, its question, and until when.

    ``deadline`` is a time of ``perf_counter``, None for none.
    """

    folder: ComparisonFolder
    facts: ComparisonFacts
    question: Question
    asked: Asked
    deadline: float | None
    progress: AbstractProgress

    def place(self, control: str) -> ComparisonFolder:
        """The folder of a control."""
        return ComparisonFolder(self.folder.path / FOLDER / control)


def train_matched(bench: Bench, specs: Sequence[Spec]) -> list[Arm]:
    """Networks of equal size on the data as they are, under the main comparison's budget; those there are kept."""
    place = bench.place(MATCHED)
    bench.progress.say(f"Control: networks of equal size, {', '.join(map(str, specs)) or 'which are there'}.")
    arms = [
        Arm(facts, None if facts.failure else place.arm(facts, bench.asked.allow_modules))
        for facts in (place.facts().arms if place.exists else ())
    ]
    known = {arm.facts.label for arm in arms}
    missing = {str(spec): spec for spec in specs if str(spec) not in known}
    arms += _new_arms(bench, list(missing.values()))
    facts = _facts(bench, arms, bench.question.choice, bench.question.data)
    _keep(place, facts, arms)
    train_all(place, arms, facts, bench.question.data, bench.asked, bench.deadline, bench.progress)
    return arms


def train_permuted(bench: Bench, arms: Sequence[Arm]) -> None:
    """The same networks, with the same steps and settings, on pixels in one random order."""
    place, question = bench.place(PERMUTED), bench.question
    bench.progress.say("Control: the pixels of all images in another order.")
    choice = replace(question.choice, permuted=ORDER)
    data = permuted_pixels(_images(question), ORDER)
    moved = [_on(arm, choice) for arm in arms]
    facts = _facts(bench, moved, choice, data)
    _keep(place, facts, moved)
    train_all(place, moved, facts, data, bench.asked, bench.deadline, bench.progress)


def train_shuffled(bench: Bench, arm: Arm) -> None:
    """One network on labels without meaning, dealt out anew for each seed; those of the test part stay true.

    Were they dealt out once for all seeds, a network that calls every group of similar images by one class would be
    above or below chance with all seeds alike, and the seeds would not show that it is chance.
    """
    place, question = bench.place(SHUFFLED), bench.question
    bench.progress.say("Control: shuffled labels.")
    first = _on(arm, replace(question.choice, shuffled=0))
    facts = _facts(bench, [first], replace(question.choice, shuffled=0), shuffled_labels(_images(question), 0))
    _keep(place, facts, [first])
    for seed in range(bench.facts.seeds):
        choice, data = replace(question.choice, shuffled=seed), shuffled_labels(_images(question), seed)
        folder = place.run(first.facts, seed)
        experiment = _on(arm, choice).seeded(seed)
        if not folder.exists:
            folder.path.mkdir(parents=True, exist_ok=True)
            folder.begin(experiment, {**data_facts(data), "kept": bench.facts.kept})
        label = f"{arm.facts.label} on shuffled labels, seed {seed}"
        if not folder.outcome.finished:
            _run_one(bench, data, folder, label)


def _run_one(bench: Bench, data: ImageData, folder: RunFolder, label: str) -> None:
    if bench.deadline is not None and perf_counter() > bench.deadline:
        bench.progress.say(
            f"{label}: the time budget ended before it began; `neocog compare --into --controls` goes on"
        )
        return
    modules = bench.asked.allow_modules
    try:
        outcome = run(
            folder.experiment(modules),
            data,
            folder,
            label=label,
            progress=bench.progress,
            watch=until(bench.deadline),
            allow_modules=modules,
        )
    except Problem:
        raise
    except Exception as problem:  # its reason is in its folder; the others go on
        bench.progress.say(f"{label}: {type(problem).__name__}: {problem}")
        return
    if not outcome.finished:
        bench.progress.say(f"{label}: {outcome.value}")


def _new_arms(bench: Bench, specs: Sequence[Spec]) -> list[Arm]:
    asked, facts, question = bench.asked, bench.facts, bench.question
    made = [
        make_arm(
            question,
            spec,
            device=facts.device,
            augment=facts.augment,
            settings=without_widths(facts.settings),
            allow_modules=asked.allow_modules,
        )
        for spec in specs
    ]
    if not any(arm.experiment for arm in made):
        return made
    budget, modules = Budget.parse(facts.budget), asked.allow_modules
    headline = find(question.task.name, TASKS, "task", modules).headline
    tuner = Tuner(facts.tune, headline, question.data, bench.progress, modules)
    if facts.share is None:
        return tuner.on_top(counted(made, budget, question.data, allow_modules=modules), facts.seeds)
    seconds = facts.share * facts.seeds * len(made)
    made, trials = try_out(made, seconds, question.data, progress=bench.progress, allow_modules=modules)
    made = tuner.besides(made, trials, facts.share, facts.seeds)
    return [within(arm, trials, facts.share) for arm in made]


def _on(arm: Arm, choice: Any) -> Arm:
    assert arm.experiment is not None
    return Arm(arm.facts, replace(arm.experiment, data=choice))


def _images(question: Question) -> ImageData:
    assert isinstance(question.data, ImageData)
    return question.data


def _facts(bench: Bench, arms: Sequence[Arm], choice: Any, data: Any) -> ComparisonFacts:
    changed: Mapping[str, Any] = {"looks": 1, "answered": (), "outlook": None, "match": {}, "seconds": 0.0}
    own = tuple(arm.facts for arm in arms)
    return replace(bench.facts, choice=asdict(choice), data=summary(data), arms=own, **changed)


def _keep(place: ComparisonFolder, facts: ComparisonFacts, arms: Sequence[Arm]) -> None:
    """Write down what is trained, before any run begins."""
    place.path.mkdir(parents=True, exist_ok=True)
    place.write(facts)
    keep_tuned(place.path, facts.tune, arms)
    for arm in arms:
        if arm.experiment is not None:
            place.write_arm(arm.facts, arm.experiment)
