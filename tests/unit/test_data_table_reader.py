"""Tables of numbers: what is read, and what is said of what cannot be."""

from pathlib import Path

import numpy as np
import pytest
import torch

from neocog.core.errors import DataProblem, Problem, SeveralProblems, UsageProblem
from neocog.core.progress import Silent
from neocog.core.shapes import Table
from neocog.data.family import Batching
from neocog.data.images import ImageData
from neocog.data.table_choice import TableChoice
from neocog.data.table_data import TableData, table_like
from neocog.data.table_family import TABLE_OR_IMAGES
from neocog.data.table_reader import is_table_of_numbers, open_table
from neocog.data.table_rows import table_batch, table_rows
from neocog.data.table_source import TableSource

ROWS = 40


def written(folder: Path, *, header: str = "a,b,kind", change: dict[int, str] | None = None) -> Path:
    random = np.random.default_rng(0)
    rows = [f"{x:.4f},{10 * y:.4f},{'odd' if i % 2 else 'even'}" for i, (x, y) in enumerate(random.random((ROWS, 2)))]
    for row, text in (change or {}).items():
        rows[row] = text
    path = folder / "shop.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def opened(path: Path, **options: object) -> TableData:
    return open_table(TableChoice(name=str(path), **{"label_column": "kind", **options}))  # type: ignore[arg-type]


def problem_of(path: Path, **options: object) -> Problem:
    with pytest.raises((DataProblem, UsageProblem, SeveralProblems)) as caught:
        opened(path, **options)
    return caught.value


def test_a_table_is_read_scaled_and_divided(tmp_path: Path) -> None:
    data = opened(written(tmp_path))
    assert (data.columns, data.classes, data.takes) == (("a", "b"), ("even", "odd"), Table(2))
    assert sum(sum(part.values()) for part in data.counts().values()) == ROWS
    scaled = data.scaling(data.train.values)
    np.testing.assert_allclose(scaled.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(scaled.std(0), 1, atol=1e-5)
    assert "2 columns" in data.line() and data.names("test")[0].startswith("line ")
    assert data.fingerprint == opened(written(tmp_path)).fingerprint


def test_labels_are_optional(tmp_path: Path) -> None:
    data = opened(written(tmp_path), label_column=None, ignore_columns=("kind",))
    assert data.classes == () and data.counts()["train"] == {"rows": 28}


def test_log_scaling_is_log_of_one_plus(tmp_path: Path) -> None:
    data = opened(written(tmp_path), scale="log")
    expected = np.log1p(data.train.values)
    expected = (expected - expected.mean(0)) / expected.std(0)
    np.testing.assert_allclose(data.scaling(data.train.values), expected, atol=1e-5)
    assert problem_of(written(tmp_path, change={3: "-2,1,odd"}), scale="log").code == "table-log-below-zero"
    assert opened(written(tmp_path, change={3: "-2,1,odd"})).columns == ("a", "b")


def test_what_a_run_remembers_is_enough_for_new_rows(tmp_path: Path) -> None:
    data = opened(written(tmp_path))
    like = table_like({"name": data.name, "fingerprint": data.fingerprint, **data.facts()})
    assert (like.columns, like.classes, like.scaling) == (data.columns, data.classes, data.scaling)
    (tmp_path / "new.csv").write_text("b,more,a\n1,x,2\n")
    rows = table_rows(tmp_path / "new.csv", like.columns, "standard")
    assert str(rows[0]) == "new.csv: line 2" and rows[0].values == (2.0, 1.0)
    batch = table_batch(rows, like, "cpu")
    np.testing.assert_array_equal(batch.values.numpy(), data.scaling(np.array([[2.0, 1.0]])))
    assert table_rows(np.array([[2.0, 1.0]]), like.columns, "standard")[0].values == (2.0, 1.0)


@pytest.mark.parametrize(
    "change, code, place",
    [
        ({3: ",1,odd"}, "table-cell-missing", "line 5, column `a`"),
        ({3: "1,nan,odd"}, "table-cell-missing", "line 5, column `b`"),
        ({3: "1,much,odd"}, "table-cell-no-number", "line 5, column `b`: much"),
        ({3: "1,inf,odd"}, "table-cell-no-number", "line 5, column `b`: inf"),
    ],
)
def test_bad_cells_are_named_or_left_out_with_their_rows(
    tmp_path: Path, change: dict[int, str], code: str, place: str
) -> None:
    path = written(tmp_path, change=change)
    problem = problem_of(path)
    assert (problem.code, problem.where[0]) == (code, place)
    data = opened(path, skip_bad=True)
    assert data.skipped == {"line 5": f"no number in {place.split('`')[1]}"}
    assert sum(sum(part.values()) for part in data.counts().values()) == ROWS - 1


def test_all_kinds_of_bad_cells_are_told_at_once(tmp_path: Path) -> None:
    problem = problem_of(written(tmp_path, change={3: ",1,odd", 4: "1,much,odd"}))
    assert isinstance(problem, SeveralProblems)
    assert [each.code for each in problem.problems] == ["table-cell-missing", "table-cell-no-number"]


def test_a_column_of_words_is_no_reason_to_skip_every_row(tmp_path: Path) -> None:
    problem = problem_of(written(tmp_path), label_column=None, skip_bad=True)
    assert problem.code == "table-cell-no-number" and problem.where == ("kind",)
    assert "ignore_columns=kind" in problem.help


def test_a_column_that_never_changes_is_left_out_and_told(tmp_path: Path) -> None:
    rows = {row: f"7,{row},odd" for row in range(ROWS)}
    data = opened(written(tmp_path, change=rows))
    assert data.columns == ("b",)
    assert data.notes[0] == "1 columns never change and were left out: a."
    assert problem_of(written(tmp_path, change=rows), columns=("a",)).code == "table-no-column"


def test_names_of_columns_are_checked(tmp_path: Path) -> None:
    problem = problem_of(written(tmp_path, header="amount,price,kind"), columns=("amonut", "price"))
    assert problem.code == "data-column-unknown" and "`amount`" in problem.help
    assert problem_of(written(tmp_path, header="1,2,3"), label_column="3").code == "table-without-header"
    assert problem_of(written(tmp_path), columns=("a",), ignore_columns=("a",)).code == "table-no-column"


def test_too_few_rows_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("a,b\n1,2\n3,4\n")
    assert problem_of(path, label_column=None).code == "table-too-few-rows"


def test_new_rows_need_the_same_columns(tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("a,c\n1,2\n")
    with pytest.raises(DataProblem) as caught:
        table_rows(tmp_path / "new.csv", ("a", "b"), "standard")
    assert (caught.value.code, caught.value.where) == ("table-column-missing", ("b",))
    with pytest.raises(UsageProblem) as asked:
        table_rows(tmp_path / "gone.csv", ("a", "b"), "standard")
    assert asked.value.code == "data-missing"
    with pytest.raises(UsageProblem) as shaped:
        table_rows(np.ones((3, 4)), ("a", "b"), "standard")
    assert shaped.value.code == "table-array"


def test_a_table_that_names_images_is_one_of_images(tmp_path: Path) -> None:
    numbers, images = written(tmp_path), tmp_path / "photos.csv"
    images.write_text("path,label\na.png,cat\n")
    assert is_table_of_numbers(TableChoice(name=str(numbers)))
    assert not is_table_of_numbers(TableChoice(name=str(images)))
    assert not is_table_of_numbers(TableChoice(name="digits"))


def test_the_family_opens_tables_and_images(tmp_path: Path) -> None:
    path = written(tmp_path)
    how = {"download": False, "keep": False, "progress": Silent()}
    table = TABLE_OR_IMAGES.open(TableChoice(name=str(path), label_column="kind"), largest=64, **how)
    images = TABLE_OR_IMAGES.open(TableChoice(name="digits"), largest=64, **how)
    assert isinstance(table, TableData) and isinstance(images, ImageData)
    facts = {"name": "x", "fingerprint": "y"}
    assert isinstance(TABLE_OR_IMAGES.like({**facts, **table.facts()}), TableData)
    assert isinstance(TABLE_OR_IMAGES.like({**facts, **images.facts()}), ImageData)
    again = TABLE_OR_IMAGES.labelled(TableChoice(name=str(path), label_column="kind"), table, **how)
    assert isinstance(again, TableData)
    assert len(again.test) == ROWS and again.scaling == table.scaling
    assert not TABLE_OR_IMAGES.claims("digits")


def test_a_pass_holds_every_row_once_and_its_order_is_its_own(tmp_path: Path) -> None:
    data = opened(written(tmp_path))
    still = TableSource(data.train, data.scaling, Batching(10), shuffle=False)
    assert still.size == 3
    rows = torch.cat([batch.rows for batch in still.batches(4, 2)])
    assert rows.tolist() == list(range(28))
    shuffled = TableSource(data.train, data.scaling, Batching(10), shuffle=True)
    assert shuffled.size == 2
    orders = [torch.cat([b.rows for b in shuffled.batches(*at)]).tolist() for at in ((0, 1), (0, 1), (1, 1), (0, 2))]
    assert orders[0] == orders[1] and orders[0] not in orders[2:]
    first = next(iter(shuffled.batches(0, 1)))
    np.testing.assert_allclose(first.raw.numpy(), data.train.values[first.rows.numpy()], rtol=1e-6)
