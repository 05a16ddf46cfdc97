"""Write what faster-coco-eval says of the random cases: ``python make_average_precision.py`` where it is installed.

The tests compare our figures with that file, so that they need no further package.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from box_cases import CASES, CLASSES, random_case

from neocog.measures.boxes import Boxes


def figures(found: Boxes, truth: Boxes, images: int) -> list[float]:
    """AP at .5:.95, at .5, at .75, and the recall with 100 boxes."""
    from faster_coco_eval import COCO, COCOeval_faster

    coco = COCO(
        {
            "info": {},
            "images": [{"id": image + 1, "width": 200, "height": 200} for image in range(images)],
            "categories": [{"id": label + 1, "name": str(label)} for label in range(CLASSES)],
            "annotations": [
                {**each, "id": number + 1, "iscrowd": 0, "area": each["bbox"][2] * each["bbox"][3]}
                for number, each in enumerate(_rows(truth))
            ],
        }
    )
    assert found.scores is not None
    said = [{**each, "score": float(score)} for each, score in zip(_rows(found), found.scores, strict=True)]
    evaluation = COCOeval_faster(coco, coco.loadRes(said), "bbox", print_function=lambda *_: None)
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return [float(evaluation.stats[place]) for place in (0, 1, 2, 8)]


def _rows(boxes: Boxes) -> list[dict[str, Any]]:
    corners = np.concatenate([boxes.edges[:, :2], boxes.edges[:, 2:] - boxes.edges[:, :2]], axis=1)
    return [
        {"image_id": int(image) + 1, "category_id": int(label) + 1, "bbox": [float(value) for value in edges]}
        for image, label, edges in zip(boxes.images, boxes.labels, corners, strict=True)
    ]


if __name__ == "__main__":
    values = [figures(*random_case(number)) for number in range(CASES)]
    path = Path(__file__).with_name("average_precision.json")
    path.write_text("[\n" + ",\n".join(json.dumps(each) for each in values) + "\n]\n", "utf-8")
    print(f"{len(values)} cases in {path.name}")
