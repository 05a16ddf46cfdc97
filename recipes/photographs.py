"""Twelve photographs, named by SqueezeNet 1.0 and MobileNetV2 with published ImageNet weights.

The photographs are scikit-learn's two and the first test image (by file name) of each of the ten classes of
clothing_small. Which ImageNet classes count as right is written down in ``ACCEPTED``: a class counts where a person
would call the thing by one of its words, or it is a kind of it. The list was made before any answer was looked at. A
photograph is named if one of these is among the five likeliest. ``sheet.png`` shows all twelve with both answers.

Of twelve, MobileNetV2 names eight and SqueezeNet five. A photograph of a garment alone is not what ImageNet shows: its
classes are garments that people wear.

Weights: those of the data folder's ``weights``, converted and quantised by others (see its PROVENANCE.md), so that they
need not answer exactly as torchvision's own.
"""

import argparse
import json
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image as Pillow
from sklearn.datasets import load_sample_image

from neocog.core.durable import write_durably
from neocog.core.rules import AtLeast
from neocog.core.shapes import Image, Vector
from neocog.data.preparation import Preparation
from neocog.data.readers.tensors import read_tensors
from neocog.figures.contact_sheet import contact_sheet
from neocog.networks import NETWORKS
from neocog.networks.weights import load_weights
from neocog.runs.weights import IMAGENET

STATED: dict[str, float | None] = {"squeezenet_named": 5.0, "mobilenet_v2_named": 8.0}
GOALS = {"squeezenet_named": AtLeast(8), "mobilenet_v2_named": AtLeast(8)}
FILES = {
    "squeezenet": "imagenet_squeezenet1_0.npz",
    "mobilenet-v2": "imagenet_mobilenet_v2_fp16.npz",
}
ACCEPTED = {
    "china.jpg": ("n03877845", "n03781244", "n04346328", "n02825657"),  # palace, monastery, stupa, bell cote
    "flower.jpg": ("n11939491", "n12057211", "n11879895", "n03991062"),  # daisy, lady's slipper, rapeseed, flowerpot
    "dress": ("n03450230", "n03534580", "n03866082"),  # gown, hoopskirt, overskirt
    "hat": ("n03124170", "n02869837", "n04259630", "n02807133", "n04209133", "n03787032"),  # hats, caps, bonnet
    "longsleeve": ("n03595614", "n04370456", "n02963159"),  # jersey, sweatshirt, cardigan
    "outwear": ("n04479046", "n03404251", "n02963159", "n03980874", "n04370456"),  # coats, cardigan, poncho, sweatshirt
    "pants": ("n03594734", "n03877472"),  # jean, pajama
    "shirt": ("n03595614",),  # jersey, T-shirt
    "shoes": ("n04120489", "n03680355", "n03047690", "n04133789", "n03124043"),  # shoes, clog, sandal, boot
    "shorts": ("n04371430",),  # swimming trunks
    "skirt": ("n03770439", "n03866082", "n03534580", "n04136333"),  # skirts, sarong
    "t-shirt": ("n03595614",),  # jersey, T-shirt
}
SIDE, SHORTER, CLASSES, TOP = 224, 256, 1000, 5


def recipe(root: Path | None, into: Path) -> dict[str, float]:
    """Name the photographs with both networks, print what was said, and write the sheet."""
    folder = root or Path()
    names = _synsets(folder / "weights" / "imagenet_synset_1000.txt")
    pictures = photographs(folder)
    said = {network: answers(network, folder / "weights" / file, pictures) for network, file in FILES.items()}
    labels, named = [], dict.fromkeys(said, 0)
    for number, title in enumerate(pictures):
        words = [title]
        for network, found in said.items():
            right = any(names[each][0] in ACCEPTED[title] for each in found[number])
            named[network] += right
            words.append(f"{'+' if right else '-'} {names[found[number][0]][1]}")
            print(
                f"{title:11} {network:13}{'+' if right else '-'} {'; '.join(names[each][1] for each in found[number])}"
            )
        labels.append(" / ".join(words))
    into.mkdir(parents=True, exist_ok=True)
    title = f"photograph / likeliest class by {' / by '.join(FILES)}; + where a right one is among the first five"
    sheet = contact_sheet(list(pictures.values()), labels, columns=4, tile=320, title=title)
    write_durably(into / "sheet.png", sheet)
    return {f"{network.replace('-', '_')}_named": float(count) for network, count in named.items()}


def photographs(folder: Path) -> dict[str, np.ndarray]:
    """The twelve, as they are."""
    found = {name: load_sample_image(name) for name in ("china.jpg", "flower.jpg")}
    with zipfile.ZipFile(folder / "clothing_small" / "clothing_small_160.zip") as archive:
        members = sorted(name for name in archive.namelist() if "/test/" in name and name.endswith(".jpg"))
        for title in ACCEPTED:
            if title not in found:
                first = next(name for name in members if name.split("/")[-2] == title)
                found[title] = np.asarray(Pillow.open(BytesIO(archive.read(first))).convert("RGB"))
    return found


def answers(network: str, weights: Path, pictures: dict[str, np.ndarray]) -> list[list[int]]:
    """The places of the five likeliest classes of each photograph, the surest first."""
    model = NETWORKS[network](Image(3, SIDE, SIDE), Vector(CLASSES)).eval()
    stored = read_tensors(weights)
    for note in (*stored.notes, *load_weights(model, stored.tensors, name=network, source=weights.name)):
        print(f"{network}: {note}")
    mean, std = IMAGENET
    preparation = Preparation(3, SIDE, SIDE, 255, mean, std)
    with torch.inference_mode():
        logits = model(preparation.normalise(torch.from_numpy(np.stack([_cut(each) for each in pictures.values()]))))
    return logits.topk(TOP).indices.tolist()


def _cut(pixels: np.ndarray) -> np.ndarray:
    """As ImageNet's networks are tested: the shorter side at 256 pixels, then the middle 224 x 224."""
    picture = Pillow.fromarray(pixels)
    share = SHORTER / min(picture.size)
    picture = picture.resize((round(picture.width * share), round(picture.height * share)), Pillow.Resampling.BILINEAR)
    left, top = (picture.width - SIDE) // 2, (picture.height - SIDE) // 2
    return np.array(picture.crop((left, top, left + SIDE, top + SIDE)))


def _synsets(path: Path) -> list[tuple[str, str]]:
    """Number and first word of each class, in the order of the outputs."""
    lines = path.read_text("utf-8").replace("''", "'").splitlines()
    return [(line.strip("'")[:9], line.strip("'")[10:].split(",")[0]) for line in lines if line]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, help="folder that holds weights/ and clothing_small/")
    parser.add_argument("--into", type=Path, default=Path("runs/photographs"))
    given = parser.parse_args()
    print(json.dumps(recipe(given.root, given.into), indent=2))
