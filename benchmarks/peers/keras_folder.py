"""Keras's image_dataset_from_directory, prefetched as its guide says: images to 224 pixels, epoch by epoch."""

import json
import sys
import time

import keras
import tensorflow as tf


def main() -> None:
    """Read the folder as often as asked, and print one line of JSON."""
    folder, epochs = sys.argv[1], int(sys.argv[2])
    data = keras.utils.image_dataset_from_directory(folder, image_size=(224, 224), batch_size=32, verbose=False)
    data = data.prefetch(tf.data.AUTOTUNE)
    seconds, images = [], 0
    for _ in range(epochs):
        began, images = time.perf_counter(), 0
        for batch, _labels in data:
            images += int(batch.shape[0])
        seconds.append(time.perf_counter() - began)
    print(json.dumps({"images": images, "seconds": seconds}))


if __name__ == "__main__":
    main()
