"""Write listing.json: what the Keras listing of simple-cnn gives for weights and images made by a formula.

Run it in an environment that has Keras (any backend; TensorFlow was used): python tests/reference/keras/make_listing.py
The test beside it needs the JSON only.
"""

import json
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

SIDE, CLASSES, ITEMS, SAMPLED = 12, 5, 6, 97


def formula(shape: tuple[int, ...], phase: float, scale: float) -> np.ndarray:
    """Numbers that both sides can make: a sine over the running index."""
    index = np.arange(int(np.prod(shape)), dtype=np.float64)
    return (scale * np.sin(0.37 * index + phase)).reshape(shape).astype(np.float32)


def listing() -> keras.Sequential:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )


def sampled(values: np.ndarray) -> list[float]:
    """Some of many numbers, evenly spread."""
    flat = values.reshape(-1)
    return [float(x) for x in flat[:: max(1, len(flat) // SAMPLED)]]


def one_step(optimizer: keras.optimizers.Optimizer) -> dict[str, object]:
    model = listing()
    scales = (0.3, 0.1, 0.05, 0.1, 0.1, 0.1)
    model.set_weights([formula(w.shape, 1.0 + i, scales[i]) for i, w in enumerate(model.get_weights())])
    images = formula((ITEMS, SIDE, SIDE, 1), 0.5, 1.0)
    labels = keras.utils.to_categorical(np.arange(ITEMS) % CLASSES, CLASSES)
    with tf.GradientTape() as tape:
        outputs = model(images, training=False)  # dropout is random, and so left out on both sides
        loss = tf.reduce_mean(keras.losses.categorical_crossentropy(labels, outputs))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return {
        "outputs": outputs.numpy().tolist(),
        "loss": float(loss),
        "weights": [sampled(w) for w in model.get_weights()],
    }


if __name__ == "__main__":
    found = {
        "keras": keras.__version__,
        "adadelta-keras": one_step(keras.optimizers.Adadelta()),
        "adadelta-keras, rate 1": one_step(keras.optimizers.Adadelta(learning_rate=1.0)),
        "adadelta": one_step(keras.optimizers.Adadelta(learning_rate=1.0, rho=0.9, epsilon=1e-6)),
    }
    Path(__file__).with_name("listing.json").write_text(json.dumps(found, indent=1) + "\n")
