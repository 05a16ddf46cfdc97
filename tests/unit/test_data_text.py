from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neocog.core.errors import DataProblem, UsageProblem
from neocog.core.progress import Silent
from neocog.data.family import PARTS, Batching
from neocog.data.text_data import TextData, text_like
from neocog.data.text_family import TEXT, from_text
from neocog.data.text_read import TextChoice, read_text
from neocog.data.text_source import TextSource
from neocog.data.text_vocabulary import UNKNOWN, Vocabulary

LETTERS = "".join(chr(97 + number % 26) for number in range(1000))


def small(window: int = 8, text: str = LETTERS, level: str = "characters") -> TextData:
    return from_text(text, TextChoice(name="small", window=window, context=8, level=level, val=0.1))


def written(folder: Path, data: bytes) -> str:
    path = folder / "some.txt"
    path.write_bytes(data)
    return str(path)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_tokens_and_text_are_a_round_trip(text: str) -> None:
    characters, octets = Vocabulary.of("a" + text), Vocabulary()
    assert characters.decode(characters.encode(text).tolist()) == text
    assert octets.decode(octets.encode(text).tolist()) == text


def test_what_train_does_not_have_is_the_unknown_token() -> None:
    vocabulary = Vocabulary.of("abc")
    assert vocabulary.size == 4
    assert vocabulary.encode("a~c").tolist() == [1, 0, 3]
    assert vocabulary.decode([1, 0, 3]) == f"a{UNKNOWN}c"


@pytest.mark.parametrize(
    ("data", "code", "told"),
    [
        (b"good text \xff\xfa more", "text-not-text", "byte 10 is 0xff"),
        (b"zeros \0 inside", "text-not-text", "character 6"),
        (bytes(range(1, 32)) * 9, "text-not-text", "control characters"),
        (b"", "data-empty", ""),
        (b" \n\n ", "data-empty", ""),
        (b"short", "text-too-short", "5 characters"),
    ],
)
def test_text_that_is_no_text_is_named(data: bytes, code: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(DataProblem) as raised:
        TEXT.open(TextChoice(name=written(tmp_path, data)), download=False, keep=False, largest=0, progress=Silent())
    assert raised.value.code == code
    assert told in raised.value.what
    assert raised.value.help


def test_a_missing_text_and_a_folder_are_named(tmp_path: Path) -> None:
    path = Path(written(tmp_path, b"some"))
    with pytest.raises(UsageProblem, match=r"some\.tx") as raised:
        read_text(TextChoice(name=str(path.with_name("some.tx"))))
    assert "some.txt" in raised.value.help
    with pytest.raises(UsageProblem) as folder:
        read_text(TextChoice(name=str(tmp_path)))
    assert folder.value.code == "text-folder"


def test_the_encoding_is_told_or_named(tmp_path: Path) -> None:
    assert read_text(TextChoice(name=written(tmp_path, "Grüße".encode("utf-16")))).text == "Grüße"
    assert read_text(TextChoice(name=written(tmp_path, "Grüße".encode("utf-8-sig")))).text == "Grüße"
    name = written(tmp_path, "Grüße".encode("latin-1"))
    assert read_text(TextChoice(name=name, encoding="latin-1")).text == "Grüße"
    assert read_text(TextChoice(name=name, level="bytes")).text == "Grüße".encode("latin-1")
    ends = read_text(TextChoice(name=written(tmp_path, b"a\r\nb\rc")))
    assert ends.text == "a\nb\nc"
    assert "2 carriage returns" in ends.notes[0]


def test_parts_follow_each_other_and_the_vocabulary_is_that_of_train() -> None:
    text = "ab" * 400 + "c" * 100 + "d" * 100
    data = small(text=text)
    assert data.vocabulary.characters == ("a", "b")
    assert data.ends == (800, 900, 1000)
    assert "200 characters (U+0063 U+0064) do not occur in train" in data.notes[-1]
    assert [data.windows(part) for part in PARTS] == [(800 - 9) // 8, 12, 12]
    assert all(len(data.names(part)) == data.windows(part) for part in PARTS)
    assert data.names("val")[0] == "characters 800 to 807"


def test_the_last_tenth_is_the_test_part_and_may_be_left_out() -> None:
    data = from_text(LETTERS, TextChoice(name="x", window=8, context=8, val=0.1, test=0.0))
    assert data.ends == (900, 1000, 1000)
    assert data.windows("test") == 0


@pytest.mark.parametrize("epoch", [0, 1, 5])
def test_each_window_goes_on_where_its_lane_ended(epoch: int) -> None:
    source = TextSource.training(small(), Batching(4))
    batches = list(source.batches(epoch, 3))
    assert len(batches) == source.size == 799 // 32
    for before, after in pairwise(batches):
        assert torch.equal(before.targets[:, -1], after.tokens[:, 0])
        assert torch.equal(before.targets[:, :-1], before.tokens[:, 1:])
    assert batches[0].fresh.all()
    assert not any(batch.fresh.any() for batch in batches[1:])
    rows = torch.cat([batch.rows for batch in batches])
    assert len(rows.unique()) == len(rows)


def test_passes_are_pure_and_begin_at_other_places() -> None:
    source = TextSource.training(small(), Batching(4))
    first, again, other = (next(iter(source.batches(epoch, 3))).tokens for epoch in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_short_text_has_fewer_lanes() -> None:
    source = TextSource.training(small(window=50, text=LETTERS[:700]), Batching(64))
    assert source.lanes == 559 // 50
    assert source.size == 1


def test_scored_windows_are_whole_come_once_and_have_context() -> None:
    data = small()
    for part in PARTS:
        begin, _ = data.span(part)
        batches = list(TextSource.still(data, part, Batching(5)).batches(0, 0))
        targets = torch.cat([batch.targets for batch in batches]).flatten().numpy()
        assert np.array_equal(targets, data.tokens[begin : begin + data.windows(part) * 8])
        one = batches[0]
        assert one.tokens.shape[1] == 16
        assert torch.equal(one.tokens[:, -7:], one.targets[:, :-1])


def test_only_the_beginning_is_read_where_that_is_asked() -> None:
    data = from_text(LETTERS, TextChoice(name="x", window=8, context=8, most=500))
    assert data.ends[2] == 500
    assert "first 500 of 1,000 characters" in data.notes[0]


def test_facts_make_data_of_the_same_kind() -> None:
    for data in (small(), small(level="bytes")):
        like = text_like({"name": data.name, "fingerprint": data.fingerprint, **data.facts()})
        assert like.vocabulary == data.vocabulary
        assert like.takes == data.takes


def test_the_fingerprint_tells_texts_and_divisions_apart() -> None:
    assert small().fingerprint == small().fingerprint
    assert len({small().fingerprint, small(window=9).fingerprint, small(text=LETTERS + "a").fingerprint}) == 3


def test_guessing_by_frequency_costs_the_entropy() -> None:
    assert small(text="ab" * 5000).nats_by_frequency() == pytest.approx(np.log(2), abs=1e-3)


def test_the_standard_library_is_there_and_claimed() -> None:
    data = TEXT.open(TextChoice(window=64), download=False, keep=False, largest=0, progress=Silent())
    assert len(data.tokens) > 10**6
    assert "Python" in data.notes[0]
    assert TEXT.claims("stdlib")
    assert TEXT.claims("a/b.txt")
    assert not TEXT.claims("digits")
    assert not TEXT.claims("a.csv")


def test_what_is_no_text_in_memory_is_refused() -> None:
    assert TEXT.given(LETTERS.encode() * 9).name == "in memory"
    with pytest.raises(UsageProblem, match="int is no text"):
        TEXT.given(3)
