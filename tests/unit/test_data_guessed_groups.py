"""Groups guessed from names and EXIF: told where there are some, and not where names only number files."""

from pathlib import Path

import pytest
from PIL import Image

from neocog.data.guessed_groups import exif_time, guess_groups


def names_of(pattern, count=12):
    return [pattern.format(i // 3, i % 3) for i in range(count)]


@pytest.mark.parametrize(
    ("pattern", "evidence", "example"),
    [
        ("cat/patient_0{}_view{}.png", "subject", "patient_03*"),
        ("cat/garden{}a/{}.png", "folders", "cat/garden3a/*"),
        ("cat/IMG_2019031{}_14300{}.jpg", "dates", "2019-03-13 14:30:00"),
        ("cat/2019-03-1{} number {}.jpg", "dates", "2019-03-13*"),
        ("cat/door{}b_000{}.png", "numbered", "cat/door3b_*"),
    ],
)
def test_each_kind_of_name_is_understood(pattern, evidence, example):
    guess = guess_groups(names_of(pattern), ["cat"] * 12)
    assert evidence in guess.evidence
    assert example in guess.example
    assert (guess.files, guess.count) == (12, 4)
    assert len(set(guess.groups)) == 4 and len(set(guess.groups[:3])) == 1
    assert "12 files in 4 groups" in guess.sentence() and "guessed" in guess.sentence()


@pytest.mark.parametrize("pattern", ["cat/{}{}.png", "cat/cat_{}{}.png", "IMG_{}{}.jpg", "cat/{}{}f-4a9c-be0{}.jpg"])
def test_numbering_is_no_group(pattern):
    names = [pattern.format(i // 10, i % 10, i) for i in range(40)]
    assert guess_groups(names, ["cat"] * 40) is None


def test_a_prefix_per_class_is_numbering():
    names = [f"{label}/{label}_{i:03}.png" for label in ("cat", "dog") for i in range(10)]
    assert guess_groups(names, [name.split("/")[0] for name in names]) is None


def test_one_patient_in_two_classes_and_parts_is_one_group():
    names = [
        f"{part}/{label}/person{i}_{label}.png"
        for part, label in (("train", "sick"), ("test", "well"))
        for i in range(8)
    ]
    guess = guess_groups(names, [name.split("/")[1] for name in names])
    assert guess.count == 8
    assert guess.groups[0] == guess.groups[8]


def shot(path: Path, second: int, model: str) -> Path:
    image = Image.new("RGB", (8, 8))
    exif = image.getexif()
    exif[0x0110] = model
    exif.get_ifd(0x8769)[0x9003] = f"2024:05:01 10:{second // 60:02}:{second % 60:02}"
    image.save(path, exif=exif)
    return path


def test_exif_tells_bursts(tmp_path):
    seconds = [0, 2, 4, 100, 101, 500, 900, 901, 1300, 1304]
    files = [shot(tmp_path / f"q{chr(97 + i)}.jpg", second, "A") for i, second in enumerate(seconds)]
    files.append(shot(tmp_path / "other.jpg", 1, "B"))
    guess = guess_groups([file.name for file in files], ["cat"] * 11, files)
    assert "EXIF" in guess.evidence
    assert guess.count == 4
    assert len(set(guess.groups[:3])) == 1
    assert guess.groups[10] not in guess.groups[:10]
    assert guess_groups([file.name for file in files], ["cat"] * 11) is None


def test_what_is_no_exif_tells_nothing(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00garbage")
    assert exif_time(tmp_path / "a.jpg") is None
    assert exif_time(tmp_path / "none.jpg") is None
    assert exif_time(None) is None
