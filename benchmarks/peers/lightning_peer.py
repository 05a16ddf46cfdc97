"""Lightning: the same models and loaders in a LightningModule and a Trainer."""

import json
import time
import warnings

import lightning
import torch
import torch.nn.functional as F
from arguments import SEGMENT, peer_arguments
from torch import Tensor
from torch.utils.data import DataLoader
from torch_models import MODELS
from torchvision import datasets, transforms


class Classifier(lightning.LightningModule):
    """A model with its loss and its optimizer."""

    def __init__(self, model: str) -> None:
        super().__init__()
        self.model = MODELS[model]()

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """The loss of one batch."""
        images, labels = batch
        return F.cross_entropy(self.model(images), labels)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam."""
        return torch.optim.Adam(self.parameters(), lr=1e-3)


class Clock(lightning.Callback):
    """Seconds of each epoch and segment."""

    def __init__(self) -> None:
        self.epochs: list[float] = []
        self.segments: list[float] = []

    def on_train_epoch_start(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        """Start the clock."""
        self._began = self._mark = time.perf_counter()

    def on_train_batch_end(self, *args: object) -> None:
        """Note a full segment; ``args`` ends with the batch's place in the epoch."""
        if (int(args[-1]) + 1) % SEGMENT == 0:  # type: ignore[call-overload]
            now = time.perf_counter()
            self.segments.append(now - self._mark)
            self._mark = now

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        """Note the epoch."""
        self.epochs.append(time.perf_counter() - self._began)


def main() -> None:
    """Train, and print one line of JSON."""
    warnings.simplefilter("ignore")
    chosen = peer_arguments()
    lightning.seed_everything(chosen.seed)
    prepare = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    train = datasets.MNIST(chosen.root, train=True, transform=prepare)
    test = datasets.MNIST(chosen.root, train=False, transform=prepare)
    clock = Clock()
    trainer = lightning.Trainer(
        max_epochs=chosen.epochs,
        limit_train_batches=chosen.steps or 1.0,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[clock],
    )
    classifier = Classifier(chosen.model)
    trainer.fit(classifier, DataLoader(train, batch_size=128, shuffle=True, num_workers=2))
    classifier.eval()
    right = 0
    with torch.no_grad():
        for images, labels in DataLoader(test, batch_size=1000, num_workers=2):
            right += int((classifier.model(images).argmax(1) == labels).sum())
    print(json.dumps({"epochs": clock.epochs, "segments": clock.segments, "accuracy": right / len(test)}))


if __name__ == "__main__":
    main()
