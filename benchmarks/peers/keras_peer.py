"""Keras, on the backend that KERAS_BACKEND names; ``--tuned`` runs 16 steps per execution."""

import json
import time
from pathlib import Path

import keras
import numpy as np
from arguments import BATCH, SEGMENT, peer_arguments
from keras import layers


def simple_cnn() -> keras.Model:
    """The Keras example."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10),
        ]
    )


def mlp() -> keras.Model:
    """784-512-256-10."""
    hidden = [layers.Dense(512, activation="relu"), layers.Dense(256, activation="relu")]
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), *hidden, layers.Dense(10)])


def lenet5() -> keras.Model:
    """LeNet-5 with ReLU and max-pooling, on images padded to 32x32."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 5, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10),
        ]
    )


def resnet8() -> keras.Model:
    """ResNet-8 of the CIFAR family, shortcuts without parameters."""
    inputs = keras.Input((28, 28, 1))
    x = layers.Conv2D(16, 3, padding="same", use_bias=False)(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    for maps in (16, 32, 64):
        stride = 1 if maps == 16 else 2
        y = layers.Conv2D(maps, 3, stride, padding="same", use_bias=False)(x)
        y = layers.ReLU()(layers.BatchNormalization()(y))
        y = layers.Conv2D(maps, 3, padding="same", use_bias=False)(y)
        y = layers.BatchNormalization()(y)
        if stride == 2:
            x = x[:, ::2, ::2, :]
            x = keras.ops.pad(x, ((0, 0), (0, 0), (0, 0), (maps // 4, maps // 4)))
        x = layers.ReLU()(layers.Add()([x, y]))
    return keras.Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


MODELS = {"simple-cnn": simple_cnn, "mlp": mlp, "lenet5": lenet5, "resnet8": resnet8}


class Clock(keras.callbacks.Callback):
    """Seconds of each epoch and segment."""

    def __init__(self) -> None:
        super().__init__()
        self.epochs: list[float] = []
        self.segments: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        """Start the clock."""
        self._began = self._mark = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        """Note a full segment."""
        if (batch + 1) % SEGMENT == 0:
            now = time.perf_counter()
            self.segments.append(now - self._mark)
            self._mark = now

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """Note the epoch."""
        self.epochs.append(time.perf_counter() - self._began)


def read(root: str, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Images in [0, 1] with a channel axis, as the Keras example prepares them, and labels."""
    folder = Path(root) / "MNIST" / "raw"
    images = np.fromfile(folder / f"{part}-images-idx3-ubyte", np.uint8)[16:].reshape(-1, 28, 28, 1)
    labels = np.fromfile(folder / f"{part}-labels-idx1-ubyte", np.uint8)[8:]
    return images.astype("float32") / 255, labels.astype("int32")


def main() -> None:
    """Train, and print one line of JSON."""
    chosen = peer_arguments()
    keras.utils.set_random_seed(chosen.seed)
    images, labels = read(chosen.root, "train")
    if chosen.steps:
        images, labels = images[: chosen.steps * BATCH], labels[: chosen.steps * BATCH]
    model = MODELS[chosen.model]()
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        optimizer=keras.optimizers.Adam(1e-3),
        steps_per_execution=16 if chosen.tuned else 1,
    )
    clock = Clock()
    model.fit(images, labels, batch_size=BATCH, epochs=chosen.epochs, verbose=0, callbacks=[clock])
    test_images, test_labels = read(chosen.root, "t10k")
    right = model.predict(test_images, batch_size=1000, verbose=0).argmax(1) == test_labels
    print(json.dumps({"epochs": clock.epochs, "segments": clock.segments, "accuracy": float(right.mean())}))


if __name__ == "__main__":
    main()
