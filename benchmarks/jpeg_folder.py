"""Read a folder of JPEGs of 500x375 pixels to 224, first epoch and later ones, beside torchvision and Keras.

Each gives batches of 32 as float32 (Keras and neocog: channels last); neocog's are normalised besides. Its decoded
pixels are also read as bytes.

``python benchmarks/jpeg_folder.py`` makes the folder itself (smooth scenes with edges and texture, from a seed). Keras
runs in the virtual environment that ``throughput.py`` makes.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter
from throughput import HERE, PEERS, python_for

SIZE = 224
WIDTH, HEIGHT = 500, 375
CLASSES = 4


def main() -> None:
    """Make the folder, read it with each, and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--peers", type=Path, default=Path.home() / ".cache" / "neocog-peers")
    parser.add_argument("--neocog-alone", action="store_true")
    parser.add_argument("--json", help="write everything to this file")
    parser.add_argument("--read", metavar="FOLDER", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.read:
        print(json.dumps(read_with_neocog(chosen.read, chosen.epochs)))
        return
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder) / "photos", chosen.images)
        rates = measure(str(Path(folder) / "photos"), chosen)
    for name, found in rates.items():
        print(f"{name:20s} first epoch {found['first']:9,.0f}/s   later {found['later']:9,.0f}/s")
        if "stored" in found:
            print(f"{'':20s} its decoded pixels, as bytes, are read at {found['stored']:9,.0f}/s")
    if "Keras" in rates:
        ratios = {when: rates["neocog"][when] / rates["Keras"][when] for when in ("first", "later")}
        print(f"neocog against Keras: first epoch {ratios['first']:.2f}x, later epochs {ratios['later']:.1f}x")
    if chosen.json:
        Path(chosen.json).write_text(json.dumps({"date": time.strftime("%Y-%m-%d"), "rates": rates}, indent=1))


def measure(folder: str, chosen: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Medians of interleaved rounds, images per second."""
    commands = {"neocog": [sys.executable, __file__, "--read", folder, "--epochs", str(chosen.epochs)]}
    if not chosen.neocog_alone:
        keras = python_for(PEERS["Keras, TensorFlow"], chosen.peers)
        commands["torchvision"] = [sys.executable, str(HERE / "peers" / "torch_folder.py"), folder, str(chosen.epochs)]
        commands["Keras"] = [keras, str(HERE / "peers" / "keras_folder.py"), folder, str(chosen.epochs)]
    told: dict[str, list[dict[str, Any]]] = {name: [] for name in commands}
    for turn in range(chosen.rounds):
        for name, command in commands.items():
            with tempfile.TemporaryDirectory() as cache:
                environment = {**os.environ, "NEOCOG_CACHE": cache, "KERAS_BACKEND": "tensorflow"}
                environment["TF_CPP_MIN_LOG_LEVEL"] = "3"
                done = subprocess.run(command, env=environment, capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"{name} failed:\n{done.stderr[-3000:]}")
            told[name].append(json.loads(done.stdout.splitlines()[-1]))
            print(f"round {turn + 1}  {name}", file=sys.stderr, flush=True)
    return {name: rates(rounds) for name, rounds in told.items()}


def rates(rounds: list[dict[str, Any]]) -> dict[str, float]:
    """The first epoch, and the fastest of the later ones, as medians over rounds."""
    first = statistics.median(each["images"] / each["seconds"][0] for each in rounds)
    later = statistics.median(each["images"] / min(each["seconds"][1:]) for each in rounds)
    stored = [each["images"] / each["stored"] for each in rounds if "stored" in each]
    return {"first": first, "later": later, **({"stored": statistics.median(stored)} if stored else {})}


def read_with_neocog(folder: str, epochs: int) -> dict[str, Any]:
    """The first epoch opens, decodes and caches; a later one reads what was decoded."""
    from neocog.cli.allocator import keep_memory

    keep_memory()  # as the command line does, before torch is imported

    from neocog.data.image_source import ImageSource
    from neocog.data.open import open_images
    from neocog.data.readers.choice import DataChoice

    seconds: list[float] = []
    images = 0
    sources: list[ImageSource] = []
    for _ in range(epochs):
        began, images = time.perf_counter(), 0
        if not sources:
            data = open_images(DataChoice(name=folder, size=SIZE))
            parts = (data.train, data.val, data.test)
            sources = [ImageSource(part, data.preparation, batch_size=32, channels_last=True) for part in parts]
        for source in sources:
            images += sum(batch.size for batch in source.batches(0, 0))
        seconds.append(time.perf_counter() - began)
    began = time.perf_counter()
    for part in parts:
        for start in range(0, len(part), 32):
            part.images[start : start + 32].max()
    stored = time.perf_counter() - began
    return {"images": images, "seconds": seconds, "stored": stored}


def make(folder: Path, count: int) -> None:
    """Scenes of a few blurred colour fields, edges and fine texture: about 40 kB each at quality 90."""
    random = np.random.default_rng(0)
    for number in range(CLASSES):
        (folder / f"class{number}").mkdir(parents=True)
    for number in range(count):
        coarse = Image.fromarray(random.integers(0, 256, (6, 8, 3), dtype=np.uint8)).resize((WIDTH, HEIGHT))
        edges = Image.fromarray(random.integers(0, 256, (24, 32, 3), dtype=np.uint8)).resize((WIDTH, HEIGHT), 0)
        scene = np.asarray(Image.blend(coarse, edges.filter(ImageFilter.BoxBlur(1)), 0.3)).astype(np.int16)
        scene = scene + random.integers(-12, 13, (HEIGHT, WIDTH, 1), dtype=np.int16)
        path = folder / f"class{number % CLASSES}" / f"{number:05d}.jpg"
        Image.fromarray(scene.clip(0, 255).astype(np.uint8)).save(path, quality=90)


if __name__ == "__main__":
    main()
