"""Annotations as people write them, whole and broken."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from neocog.core.errors import DataProblem, Problem, SeveralProblems, UsageProblem
from neocog.core.progress import Silent
from neocog.data.box_choice import BoxChoice
from neocog.data.box_data import BoxData
from neocog.data.box_open import open_boxes, open_labelled_boxes
from neocog.data.box_trees import claims_boxes
from neocog.data.readers.findings import BadImage
from neocog.data.readers.voc import parse_xml
from neocog.data.readers.yolo import names_in_yaml

ONE = (
    "<object><name>{name}</name><bndbox><xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax></bndbox></object>"
)


def picture(path: Path, width: int = 40, height: int = 30, seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
    Pillow.fromarray(pixels).save(path)


def voc(root: Path, objects: dict[str, str], lists: dict[str, list[str]] | None = None) -> Path:
    for number, (stem, inside) in enumerate(objects.items()):
        picture(root / "JPEGImages" / f"{stem}.png", seed=number)
        (root / "Annotations").mkdir(exist_ok=True)
        xml = f"<annotation><filename>{stem}.png</filename>{inside}</annotation>"
        (root / "Annotations" / f"{stem}.xml").write_text(xml)
    for name, stems in (lists or {}).items():
        path = root / "ImageSets" / "Main" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(stems) + "\n")
    return root


def simple(count: int = 12) -> dict[str, str]:
    one = ONE.format(4, 6, 20, 16, name="cat")
    two = ONE.format(1, 2, 11, 22, name="dog")
    return {f"im{number:02}": one if number % 2 else one + two for number in range(count)}


def opened(name: Path, **options: Any) -> BoxData:
    return open_boxes(BoxChoice(name=str(name), **options), keep=False)


def refused(name: Path, **options: Any) -> list[str]:
    with pytest.raises(Problem) as caught:
        opened(name, **options)
    problem = caught.value
    return [each.code for each in problem.problems] if isinstance(problem, SeveralProblems) else [problem.code]


def coco(root: Path, count: int = 12, **changed: Any) -> dict[str, Any]:
    for number in range(count):
        picture(root / "images" / f"{number}.png", seed=number)
    content: dict[str, Any] = {
        "images": [{"id": number, "file_name": f"{number}.png", "width": 40, "height": 30} for number in range(count)],
        "categories": [{"id": 7, "name": "cat"}, {"id": 3, "name": "dog"}],
        "annotations": [
            {"id": 9 + number, "image_id": number, "category_id": 7 if number % 2 else 3, "bbox": [4, 6, 16, 10]}
            for number in range(count)
        ],
    }
    content |= changed
    (root / "boxes.json").write_text(json.dumps(content))
    return content


def yolo(root: Path, count: int = 12, line: str = "0 0.3 0.5 0.4 0.2") -> Path:
    for number in range(count):
        picture(root / "images" / f"{number}.png", seed=number)
        (root / "labels").mkdir(exist_ok=True)
        (root / "labels" / f"{number}.txt").write_text(f"{line}\n1 0.5 0.5 0.2 0.2\n")
    (root / "data.yaml").write_text("path: .\nnames:\n  0: cat\n  1: dog\n")
    return root


def test_voc_with_its_lists(tmp_path: Path) -> None:
    stems = [f"im{number:02}" for number in range(12)]
    data = opened(voc(tmp_path, simple(), {"train": stems[:6], "val": stems[6:9], "test": stems[9:]}))
    assert [len(data.part(part)) for part in ("train", "val", "test")] == [6, 3, 3]
    assert data.classes == ("cat", "dog")
    assert (data.takes.height, data.takes.width) == (32, 40)
    np.testing.assert_allclose(data.train.edges[data.train.of(1)], [[4, 7, 20, 17]])
    assert data.train.labels[data.train.of(0)].tolist() == [0, 1]
    assert data.train.names[1].endswith("im01.png")
    assert data.counts()["train"] == {"images": 6}
    assert data.box_counts()["train"] == {"cat": 6, "dog": 3}


def test_a_zip_gives_the_same_as_its_folder(tmp_path: Path) -> None:
    root = voc(tmp_path / "d", simple())
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        for path in sorted(root.rglob("*")):
            archive.write(path, path.relative_to(tmp_path))
    assert opened(tmp_path / "d.zip").fingerprint == opened(root).fingerprint
    assert claims_boxes(str(root)) and claims_boxes(str(tmp_path / "d.zip"))
    assert not claims_boxes(str(tmp_path / "nothing")) and not claims_boxes("digits")


def test_the_three_formats_say_the_same(tmp_path: Path) -> None:
    one = {f"{number}": ONE.format(4, 6, 20, 16, name="cat") for number in range(12)}
    a = opened(voc(tmp_path / "voc", one))
    coco(
        tmp_path / "coco",
        annotations=[
            {"id": number, "image_id": number, "category_id": 7, "bbox": [4, 6, 16, 10]} for number in range(12)
        ],
    )
    b = opened(tmp_path / "coco" / "boxes.json")
    root = yolo(tmp_path / "yolo")
    for path in (root / "labels").iterdir():
        path.write_text("0 0.3 0.366666666666 0.4 0.333333333333\n")
    c = opened(root)
    for other in (b, c):
        np.testing.assert_allclose(other.train.edges, a.train.edges, atol=1e-4)
        assert other.classes == a.classes == ("cat",)


def test_boxes_are_clipped_or_left_out_and_counted(tmp_path: Path) -> None:
    bad = {
        "zero": ONE.format(5, 5, 5, 9, name="cat"),
        "turned": ONE.format(9, 5, 4, 9, name="cat"),
        "outside": ONE.format(50, 5, 60, 9, name="cat"),
        "beyond": ONE.format(-8, 5, 10, 90, name="cat"),
    }
    data = opened(voc(tmp_path, simple() | {f"im-{name}": inside for name, inside in bad.items()}))
    assert data.mended == {"empty": 1, "turned": 1, "outside": 1, "clipped": 1}
    assert data.details()["mended"] == data.mended
    said = " ".join(data.notes)
    assert "1 of 22 boxes have no area and were left out" in said and "im-zero" in said
    edges = np.concatenate([data.part(part).edges for part in ("train", "val", "test")])
    assert edges.min() >= 0 and edges[:, 2].max() <= 40 and edges[:, 3].max() <= 32
    assert sum(len(data.part(part)) for part in ("train", "val", "test")) == 16


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ("<annotation><object>", "annotation-unreadable"),
        ("", "annotation-unreadable"),
        ("<other/>", "annotation-unreadable"),
        ('<!DOCTYPE a [<!ENTITY e "x">]><annotation/>', "annotation-unsafe"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><annotation/>', "annotation-unsafe"),
        ("<annotation>" + "<a>" * 50 + "</a>" * 50 + "</annotation>", "annotation-unsafe"),
        ("<annotation><object><bndbox/></object></annotation>", "annotation-class-unknown"),
        ("<annotation>" + ONE.format(1, "x", 3, 4, name="cat") + "</annotation>", "annotation-box-malformed"),
        ("<annotation>" + ONE.format(1, "nan", 3, 4, name="cat") + "</annotation>", "annotation-box-malformed"),
        ("<annotation><object><name>cat</name></object></annotation>", "annotation-box-malformed"),
    ],
)
def test_bad_xml_is_named_and_can_be_skipped(tmp_path: Path, xml: str, code: str) -> None:
    root = voc(tmp_path, simple())
    (root / "Annotations" / "im03.xml").write_text(xml)
    assert refused(root) == [code]
    data = opened(root, skip_bad=True)
    assert any("im03" in place and code in reason for place, reason in data.skipped.items())


def test_entities_in_another_encoding_are_refused_too() -> None:
    bomb = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    with pytest.raises(BadImage) as caught:
        parse_xml(bomb.encode("utf-16"))
    assert caught.value.code == "annotation-unsafe"
    assert parse_xml("<a>x</a>".encode("utf-16")).text == "x"  # control: the encoding alone is fine


def test_missing_images_and_annotations_are_named(tmp_path: Path) -> None:
    root = voc(
        tmp_path, simple(), {"train": [f"im{n:02}" for n in range(9)], "val": ["im09", "none"], "test": ["im10"]}
    )
    (root / "JPEGImages" / "im01.png").unlink()
    assert sorted(refused(root)) == ["annotation-image-missing", "annotation-missing"]
    assert len(opened(root, skip_bad=True).train) == 8


def test_an_image_in_two_parts_is_named(tmp_path: Path) -> None:
    stems = [f"im{number:02}" for number in range(12)]
    root = voc(tmp_path, simple(), {"train": stems[:9], "test": stems[8:]})
    assert refused(root) == ["annotation-twice"]


def test_an_image_that_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    root = voc(tmp_path, simple())
    path = root / "JPEGImages" / "im02.png"
    path.write_bytes(path.read_bytes()[:200])
    assert refused(root) == ["data-image-truncated"]
    assert "JPEGImages/im02.png" in opened(root, skip_bad=True).skipped


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"annotations": None}, "annotation-unreadable"),
        ({"images": [{"id": 0}]}, "annotation-image-missing"),
        ({"categories": [{"id": 7, "name": "cat"}]}, "annotation-class-unknown"),
        ({"annotations": [{"image_id": 99, "category_id": 7, "bbox": [1, 1, 2, 2]}]}, "annotation-image-missing"),
        ({"annotations": [{"image_id": 1, "category_id": 7, "bbox": [1, 1, 2]}]}, "annotation-box-malformed"),
        ({"annotations": [{"image_id": 1, "category_id": 7, "bbox": [1, 1, 2, 10**400]}]}, "annotation-box-malformed"),
        ({"annotations": [{"image_id": [1], "category_id": {}, "bbox": 3}, 4]}, "annotation-unreadable"),
    ],
)
def test_bad_coco_is_named(tmp_path: Path, changed: dict[str, Any], code: str) -> None:
    coco(tmp_path, **changed)
    assert code in refused(tmp_path / "boxes.json")


@pytest.mark.parametrize("text", ["", "[1,", "[]", "[" * 100_000, '{"images": 3}'])
def test_json_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    coco(tmp_path)
    (tmp_path / "boxes.json").write_text(text)
    assert "annotation-unreadable" in refused(tmp_path / "boxes.json")


def test_coco_keeps_images_without_boxes_and_counts_crowds(tmp_path: Path) -> None:
    crowd = {"image_id": 1, "category_id": 7, "bbox": [1, 1, 2, 2], "iscrowd": 1}
    content = coco(tmp_path)
    content["annotations"] = [*content["annotations"][:10], crowd]
    (tmp_path / "boxes.json").write_text(json.dumps(content))
    data = opened(tmp_path / "boxes.json")
    assert sum(len(data.part(part)) for part in ("train", "val", "test")) == 12
    assert "1 crowd regions were left out." in data.notes
    assert data.classes == ("dog", "cat")  # in the order of ids


def test_parts_by_the_names_of_coco_files(tmp_path: Path) -> None:
    for part in ("train2017", "val2017"):
        coco(tmp_path / part)
        (tmp_path / "annotations").mkdir(exist_ok=True)
        (tmp_path / part / "boxes.json").rename(tmp_path / "annotations" / f"instances_{part}.json")
    data = opened(tmp_path)
    assert len(data.val) == 12 and len(data.train) + len(data.test) == 12
    assert all(name.startswith("val2017") for name in data.val.names)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("5 0.5 0.5 0.1 0.1", "annotation-class-unknown"),
        ("cat 0.5 0.5 0.1 0.1", "annotation-class-unknown"),
        ("-1 0.5 0.5 0.1 0.1", "annotation-class-unknown"),
        ("0 0.5 0.5 0.1", "annotation-box-malformed"),
        ("0 0.5 0.5 inf 0.1", "annotation-box-malformed"),
        ("0 a b c d", "annotation-box-malformed"),
    ],
)
def test_bad_lines_of_yolo_are_named(tmp_path: Path, line: str, code: str) -> None:
    assert refused(yolo(tmp_path, line=line)) == [code]


def test_yolo_with_parts_segments_and_empty_images(tmp_path: Path) -> None:
    for part in ("train", "valid"):
        yolo(tmp_path / part, line="0 0.1 0.2 0.5 0.2 0.5 0.6")
    picture(tmp_path / "train" / "images" / "empty.png")
    data = opened(tmp_path, test=0.25)
    assert len(data.val) == 12 and len(data.train) + len(data.test) == 13
    assert data.classes == ("cat", "dog")
    np.testing.assert_allclose(data.val.edges[0], [4, 7, 20, 19], atol=1e-4)
    assert "1 images have no text file: nothing is to be found in them." in data.notes


def test_a_text_file_without_its_image_is_named(tmp_path: Path) -> None:
    (yolo(tmp_path) / "images" / "3.png").unlink()
    assert refused(tmp_path) == ["annotation-image-missing"]


@pytest.mark.parametrize(
    "text",
    ["names: ['cat', \"dog\"]", "nc: 2\nnames:\n- cat\n- dog # barks\n", "names:\n  0: cat\n  1: dog\nval: x\n"],
)
def test_the_names_of_a_yaml_file(text: str) -> None:
    assert names_in_yaml(text) == ["cat", "dog"]
    assert names_in_yaml("train: x\n") == []


def test_data_without_annotations_or_boxes_are_refused(tmp_path: Path) -> None:
    picture(tmp_path / "a" / "x.png")
    assert refused(tmp_path) == ["boxes-no-annotations"]
    assert refused(voc(tmp_path / "b", {f"i{n}": "" for n in range(9)})) == ["boxes-none"]
    with pytest.raises(UsageProblem) as caught:
        opened(tmp_path / "missing")
    assert caught.value.code == "data-missing"


def test_a_class_that_is_only_in_test_is_refused(tmp_path: Path) -> None:
    objects = simple(9) | {"last": ONE.format(4, 6, 20, 16, name="bird")}
    lists = {"train": [f"im{n:02}" for n in range(6)], "val": ["im06"], "test": ["im07", "last"]}
    root = voc(tmp_path, objects, lists)
    assert refused(root) == ["labels-not-in-train"]
    assert opened(root, ignore_class=("bird",)).classes == ("cat", "dog")
    assert refused(root, ignore_class=("birt",))[0] == "class-unknown"


def test_new_data_are_prepared_as_those_of_the_run(tmp_path: Path) -> None:
    like = opened(voc(tmp_path / "a", simple()))
    root = voc(tmp_path / "b", {"tall": ONE.format(4, 6, 20, 16, name="dog")})
    picture(root / "JPEGImages" / "tall.png", width=30, height=60)
    new = open_labelled_boxes(BoxChoice(name=str(root)), like, download=False, keep=False, progress=Silent())
    assert new.takes == like.takes and len(new.test) == 1
    assert new.test.labels.tolist() == [like.classes.index("dog")]
    left, top, wide, high, across, down = new.test.frames[0].tolist()
    assert (left, top, wide, high) == (12, 0, 16, 32) and (across, down) == (1.875, 1.875)
    voc(tmp_path / "c", {"x": ONE.format(4, 6, 20, 16, name="bird")})
    with pytest.raises(DataProblem) as caught:
        open_labelled_boxes(BoxChoice(name=str(tmp_path / "c")), like, download=False, keep=False, progress=Silent())
    assert caught.value.code == "labels-unknown-class"
