"""Generate: draw images that look like those of the data."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import partial
from typing import Annotated, Any, ClassVar, NamedTuple, cast

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from neocog.core.errors import UsageProblem
from neocog.core.rules import Above, AtLeast, Between, OneOf
from neocog.data.augment import Augmentation
from neocog.data.draws import DrawBatch, DrawSource
from neocog.data.family import Batching, Family
from neocog.data.image_family import IMAGES
from neocog.data.image_source import ImageSource
from neocog.data.images import ImageData, ImagePart
from neocog.data.open import open_images
from neocog.data.preparation import Preparation
from neocog.figures.figure import Figure
from neocog.fit.descent import Descent
from neocog.learners.adversarial import GAMES, Adversarial, Rules
from neocog.measures.frechet import Moments, frechet_distance, frechet_items, moments
from neocog.networks.gan import AbstractGAN, Realness
from neocog.tasks.generate_answer import LabelName, draw_answers
from neocog.tasks.generate_figures import generate_figures
from neocog.tasks.generate_judge import OFFICE, Judge, to_units, units_of
from neocog.tasks.task import AbstractMeter, AbstractTask, Answers, Headline, Record, Samples

SHOWN = 48  # draws that a record keeps as pictures
COMPARED = 2000  # draws whose nearest training images are looked for
_PERCENTILE = 1.0
ANY_IMAGES = replace(IMAGES, open=partial(open_images, one_class=True))  # one class will do


class Seat(NamedTuple):
    """The judge of a look, and whether it also looks for the nearest training images, which takes seconds."""

    judge: Judge
    thorough: bool
    test: ImagePart


@dataclass(frozen=True)
class Generate(AbstractTask[DrawBatch, Tensor]):
    """Draw images from noise, of a class that is asked for where the data have several.

    Draws are judged by the Frechet distance of their features from those of real images, in a small classifier that
    learns from other real images than it compares with (see ``Judge``); where the data have fewer than two classes,
    in a network with random weights. A look during training judges a few draws, the test part as many as it has
    images.

    The headline's items are the draws: each one's part in the distance (see ``frechet_items``). Two networks get the
    same noise, but draw from it what they like: their items are paired in name only, and intervals are for new draws,
    against the same real images.

    Args:
        classes: names, in the order of the class map.
        preparation: how pixels become what the network takes.
        descent: how both sides move.
    """

    headline: ClassVar[Headline] = Headline("frechet_distance", higher_is_better=False, unit="", margin=0.1)
    family: ClassVar[Family] = ANY_IMAGES
    usual_data: ClassVar[str] = "digits"
    networks: ClassVar[tuple[str, ...]] = ("gan",)
    network: ClassVar[str] = "gan"
    usual_descent: ClassVar[Descent] = Descent(optimizer="adam", rate=1e-3, schedule="linear", final=0.1)
    usual_batch: ClassVar[int | None] = 64
    evaluation_batch: ClassVar[int] = 500
    input: ClassVar[str] = "draw"

    classes: tuple[str, ...]
    preparation: Preparation
    descent: Descent
    _: KW_ONLY
    game: Annotated[str, OneOf(*GAMES), "What generator and discriminator lower."] = "non-saturating"
    conditional: Annotated[bool, "Draw a class that is asked for, where the data have several."] = True
    noise: Annotated[int, Between(1, 4096), "Numbers that an image is drawn from."] = 64
    penalty: Annotated[float, AtLeast(0), "Weight of R1, the discriminator's squared slope at real images."] = 1.0
    penalty_every: Annotated[int, AtLeast(1), "Steps from one R1 to the next."] = 16
    average: Annotated[
        float, Between(0, 1, open_high=True), "Share of the generator's average that stays, per step."
    ] = 0.999
    discriminator_rate: Annotated[float, Above(0), "The discriminator's learning rate, over the generator's."] = 1.0
    beta1: Annotated[float, Between(0, 1, open_high=True), "Adam's memory of gradients."] = 0.5
    beta2: Annotated[float, Between(0, 1, open_high=True), "Adam's memory of squared gradients."] = 0.99
    look: Annotated[int, AtLeast(1), "Most draws that a look at the validation part judges."] = 2000

    @classmethod
    def for_data(cls, data: ImageData, descent: Descent, **options: Any) -> "Generate":
        """The task with the data's class map and preparation."""
        return cls(data.classes, data.preparation, descent, **options)

    def gives(self, data: ImageData) -> Realness:
        """How real an image looks: as one of each class, if classes are asked for."""
        return Realness(len(self.classes) if self.asks else 1, noise=self.noise)

    @property
    def asks(self) -> bool:
        """Whether a class is asked for."""
        return self.conditional and len(self.classes) > 1

    def assemble(self, network: nn.Module) -> nn.Module:
        """The network itself, drawing over the range of the prepared pixels.

        Raises:
            UsageProblem: ``network-draws-nothing``.
        """
        if not isinstance(network, AbstractGAN):
            raise UsageProblem(
                "network-draws-nothing",
                f"{type(network).__name__} has no generator: it cannot draw images",
                where="task generate",
                help="use --network gan",
            )
        ends = self.preparation.standardise(torch.tensor([0.0, 1.0]).view(2, 1, 1, 1).expand(-1, *self._planes))
        network.span(*ends[:, :, 0, 0].tolist())
        return network

    def source(self, data: ImageData, network: nn.Module, batching: Batching, augmentation: Augmentation) -> DrawSource:
        """The training part, shuffled, each image with noise for a draw."""
        judge = OFFICE.judge_of(data)  # learnt here, before the first step, so that no look takes longer than others
        return self._draws(ImageSource.training(data, batching, augmentation), judge, None)

    def still(self, data: ImageData, part: str, batching: Batching) -> DrawSource:
        """As many draws as the part has images, in batches; of the validation part a few."""
        judge = OFFICE.judge_of(data)
        images = data.part(part)
        thorough = part == "test" and len(data.train) > 0
        if part == "val" and len(images) > self.look:
            images = ImagePart(images.images[: self.look], images.labels[: self.look], images.names[: self.look])
        source = ImageSource(
            images,
            data.preparation,
            batch_size=batching.size,
            device=batching.device,
            shuffle=False,
            channels_last=batching.channels_last,
        )
        return self._draws(source, judge, Seat(judge, thorough, images))

    def learner(self, network: nn.Module) -> Adversarial:
        """Two optimizers."""
        rules = Rules(
            game=self.game,
            penalty=self.penalty,
            penalty_every=self.penalty_every,
            average=self.average,
            rate=self.discriminator_rate,
            betas=(self.beta1, self.beta2),
        )
        return Adversarial(cast(AbstractGAN, network), self.descent, rules)

    def predict(self, network: nn.Module, batch: DrawBatch) -> Float[Tensor, "n c h w"]:
        """Draws, prepared as the data are."""
        return cast(AbstractGAN, network).generate(batch.noise, batch.asked).float()

    def meter(self) -> "GenerateMeter":
        """Collects what the judge makes of draws."""
        return GenerateMeter(self.preparation)

    def scores(self, record: Record) -> dict[str, float]:
        """Frechet distance, those of real images and of a Gaussian, class shares, nearness to training images."""
        reference = _reference(record)
        scores = {
            "frechet_distance": frechet_distance(moments(record["features"]), reference),
            "real_distance": float(record["baselines"][0]),
            "gaussian_distance": float(record["baselines"][1]),
        }
        if len(self.classes) > 1:
            counts = np.bincount(record["said"], minlength=len(self.classes))
            scores["smallest_class_share"] = float(counts.min() / counts.sum())
        if self.asks:
            scores["drawn_as_asked"] = float((record["said"] == record["asked"]).mean())
        if "nearest" in record:
            scores["nearest_training_image"] = float(np.percentile(record["nearest"], _PERCENTILE))
            scores["nearest_of_test_images"] = float(np.percentile(record["nearest_of_test"], _PERCENTILE))
        return scores

    def item_scores(self, record: Record) -> np.ndarray:
        """Each draw's part in the distance; their mean is the distance."""
        return frechet_items(record["features"], _reference(record))

    def items(self, given: Any) -> Sequence[Any]:
        """Nothing is given: one answer.

        Raises:
            UsageProblem: ``generate-takes-nothing``.
        """
        if len(given):
            raise UsageProblem(
                "generate-takes-nothing",
                "images are drawn from noise, not made of what is given",
                where=[str(each) for each in given],
                help="say what to draw with options: --set samples=64 --set seed=1",
            )
        return [None]

    def inputs(self, data: ImageData, items: Sequence[Any], device: str) -> DrawBatch:
        """A batch that only says where to draw."""
        rows = torch.arange(len(items), device=device)
        nothing = torch.zeros(len(items), *self._planes, device=device)
        return DrawBatch(nothing, rows, rows, torch.zeros(len(items), 1, device=device), rows)

    def answer(
        self,
        network: nn.Module,
        batch: DrawBatch,
        *,
        samples: Annotated[int, Between(1, 10_000), "Images to draw."] = 64,
        seed: Annotated[int, AtLeast(0), "Names the noise: the same seed draws the same images."] = 0,
        label: LabelName = None,
        truncation: Annotated[
            float | None, Above(0), "Largest noise, in standard deviations: less is more typical, and more alike."
        ] = None,
    ) -> Answers:
        """A grid of draws, each of them, and a strip of what lies between two draws."""
        classes = self.classes if self.asks else ()
        return draw_answers(
            cast(AbstractGAN, network),
            self.preparation,
            classes,
            samples=samples,
            seed=seed,
            label=label,
            truncation=truncation,
        )

    def figures(self, samples: Samples) -> list[Figure]:
        """Draws, training images nearest to them, classes covered, and distances beside those of real images."""
        return generate_figures(samples, self.classes, self.asks, self.item_scores)

    @property
    def _planes(self) -> tuple[int, int, int]:
        return self.preparation.channels, self.preparation.height, self.preparation.width

    def _draws(self, images: ImageSource, judge: Judge, seat: Seat | None) -> DrawSource:
        return DrawSource(images, self.noise, judge.shares if self.asks else (1.0,), seat)


class GenerateMeter(AbstractMeter[Tensor, DrawBatch]):
    """What the judge makes of draws, and a few of them as pictures."""

    def __init__(self, preparation: Preparation) -> None:
        self._preparation = preparation
        self._seat: Seat | None = None
        self._arrays: dict[str, list[np.ndarray]] = {}

    def update(self, prediction: Float[Tensor, "n c h w"], batch: DrawBatch) -> None:
        """Take in one batch."""
        seat = self._seat = cast(Seat, batch.judge)
        rows = batch.rows.cpu().numpy()
        found = seat.judge.features(prediction)
        units = to_units(prediction, self._preparation)
        self._add(features=found.features, said=found.said, asked=batch.asked.cpu().numpy(), shown=units[rows < SHOWN])
        if seat.thorough:
            nearest = seat.judge.nearest(units[rows < COMPARED])
            beside = nearest.rows[: len(rows[rows < SHOWN])]
            images = units_of(seat.judge.real, beside, self._preparation)
            self._add(nearest=nearest.distances, beside=images)

    def record(self) -> Record:
        """``features``, ``said``, ``asked``, ``shown`` draws; ``reference``, ``baselines``; nearest training images."""
        seat = self._seat
        assert seat is not None, "a look has at least one batch"
        together = {name: np.concatenate(each) for name, each in self._arrays.items()}
        judge = seat.judge
        test = {"nearest_of_test": judge.nearest_of_test(seat.test, COMPARED)} if seat.thorough else {}
        return {
            **together,
            **test,
            "reference_mean": judge.reference.mean,
            "reference_covariance": judge.reference.covariance,
            "baselines": np.array([judge.real_distance, judge.gaussian_distance]),
            "judge_trained": np.array(judge.trained),
        }

    def _add(self, **arrays: np.ndarray) -> None:
        for name, array in arrays.items():
            self._arrays.setdefault(name, []).append(array)


def _reference(record: Record) -> Moments:
    return Moments(record["reference_mean"], record["reference_covariance"])
