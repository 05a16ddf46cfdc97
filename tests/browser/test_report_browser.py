"""The report in a real Chromium: no error, no request, no sideways scroll, working keys, and texts that stay texts."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from comparison_example import NETWORKS, example
from hostile import PAYLOADS, hostile_comparison
from neocog.report import page, rendering, write
from neocog.runs.sensitivity_kept import write_sensitivity
from sensitivity_example import made_up

pytestmark = pytest.mark.browser

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
FLAGS += ["--disable-sync", "--no-first-run"]
BONES = """() => [...document.querySelectorAll("*")].filter(n => !n.closest("svg")).map(
  n => n.tagName + [...n.attributes].map(a => " " + a.name).sort().join(""))"""

OUTSIDE = """() => [...document.querySelectorAll("svg.figure text")].filter(t => {
    const a = t.getBoundingClientRect(), b = t.closest("svg").getBoundingClientRect();
    return a.left < b.left - 1.5 || a.right > b.right + 1.5 || a.top < b.top - 1.5 || a.bottom > b.bottom + 1.5;
}).map(t => t.textContent)"""


@dataclass
class Seen:
    """What happened on a page besides what was asked for."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        return not (self.errors or self.requests or self.dialogs)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    skipped = {"a/very/long/folder/name/that/goes/on/" + "x" * 120 + ".png": "ends at byte 12"}
    return write(example(skipped=skipped), tmp_path_factory.mktemp("report") / "report.html")


def opened(browser: Any, file: Path, width: int = 1400, scheme: str = "light") -> tuple[Any, Seen]:
    """A page, and what it did: console errors, policy violations, requests and dialogs."""
    tab, seen = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme), Seen()
    tab.on("console", lambda message: message.type in ("error", "warning") and seen.errors.append(message.text))
    tab.on("pageerror", lambda error: seen.errors.append(str(error)))
    tab.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
    tab.on("request", lambda request: _foreign(request.url, file) and seen.requests.append(request.url))
    tab.add_init_script(
        "addEventListener('securitypolicyviolation', e => console.error('policy', e.violatedDirective, e.blockedURI))"
    )
    tab.goto(file.as_uri())
    return tab, seen


def _foreign(url: str, file: Path) -> bool:
    return url != file.as_uri() and not url.startswith("data:")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1400])
def test_it_opens_quietly_and_without_sideways_scroll(browser: Any, file: Path, width: int, scheme: str) -> None:
    tab, seen = opened(browser, file, width, scheme)
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") == (scheme == "dark")
    tab.wait_for_timeout(100)
    assert seen.nothing, seen
    tab.close()


@pytest.fixture(scope="module", params=["", "[depth=110,shortcut=false,widths=256+128]"])
def perturbed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with a section on perturbed items, with short and long names."""
    folder, labels = tmp_path_factory.mktemp("perturbed"), [f"{name}{request.param}" for name in NETWORKS]
    write_sensitivity(folder, made_up(*labels))
    return write(replace(example(networks=labels), folder=folder), folder / "report.html")


@pytest.mark.parametrize("width", [360, 1400])
def test_what_breaks_it_fits_is_quiet_and_says_what_it_shows(browser: Any, perturbed: Path, width: int) -> None:
    tab, seen = opened(browser, perturbed, width)
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    section = tab.locator("section#sensitivity")
    assert section.locator("svg.figure").count() == 16 and section.locator("figure table").count() == 16
    said = section.locator("svg.figure").evaluate_all("all => all.map(s => s.getAttribute('aria-label').length)")
    assert min(said) > 20
    outside = tab.evaluate(OUTSIDE)
    assert outside == [], "text that is cut off"
    section.locator("[data-gallery='strip-shift']").first.click()
    assert tab.locator("#gallery-pictures img").count() >= 4
    assert seen.nothing, seen
    tab.close()


LONG = "[depth=110,shortcut=false,widths=256+128]"


@pytest.mark.parametrize("names", ["", LONG])
def test_text_in_figures_is_legible_on_a_phone(browser: Any, tmp_path: Path, names: str) -> None:
    comparison = example(networks=[f"{name}{names}" for name in NETWORKS])
    tab, _ = opened(browser, write(comparison, tmp_path / "report.html"), 360)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    smallest = tab.evaluate("""() => Math.min(...[...document.querySelectorAll("svg.figure")].map(
        s => 12 * s.getBoundingClientRect().width / s.viewBox.baseVal.width))""")
    assert smallest >= 10.5
    outside = tab.evaluate(OUTSIDE)
    assert outside == [], "text that is cut off"
    tab.close()


@pytest.mark.parametrize("key", ["click", "Enter", " "])
def test_a_cell_opens_its_very_images_and_escape_closes(browser: Any, file: Path, key: str) -> None:
    tab, seen = opened(browser, file)
    cell = tab.locator("#figure-confusion [data-gallery]").first
    if key == "click":
        cell.click()
    else:
        cell.focus()
        tab.keyboard.press(key)
    assert tab.locator("dialog").evaluate("d => d.open")
    assert tab.locator("#gallery-title").inner_text() == "37 of class digit 0 taken for digit 0"
    assert tab.locator("#gallery-pictures img").count() == 37
    assert tab.locator("#gallery-pictures figcaption").first.inner_text() == "digits/test/0000.png: is digit 0"
    tab.wait_for_function("[...document.querySelectorAll('#gallery-pictures img')].every(i => i.naturalWidth === 8)")
    tab.keyboard.press("Escape")
    assert not tab.locator("dialog").evaluate("d => d.open")
    focused = tab.evaluate("document.activeElement.getAttribute('data-gallery')")
    assert key == "click" or focused == "confusion-0-0", "focus returns to where it was"
    assert seen.nothing, seen
    tab.close()


def test_arrows_move_between_cells_and_tab_leaves_the_matrix(browser: Any, file: Path) -> None:
    tab, _ = opened(browser, file)
    where = "document.activeElement.getAttribute('data-gallery')"
    tab.locator("#figure-confusion [data-gallery]").first.focus()
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate(where) == "confusion-0-1"
    tab.keyboard.press("ArrowDown")
    assert tab.evaluate(where) == "confusion-1-1"
    tab.keyboard.press("Tab")
    assert not (tab.evaluate(where) or "").startswith("confusion")
    tab.close()


def test_focus_can_be_seen(browser: Any, file: Path) -> None:
    tab, _ = opened(browser, file)
    cell = tab.locator("#figure-confusion [data-gallery] .cell").first
    before = cell.evaluate("c => getComputedStyle(c).strokeWidth")
    tab.keyboard.press("Tab")
    tab.locator("#figure-confusion [data-gallery]").first.focus()
    assert cell.evaluate("c => getComputedStyle(c).strokeWidth") != before
    tab.close()


def test_on_paper_tables_are_open_and_nothing_is_cut(browser: Any, file: Path) -> None:
    tab, seen = opened(browser, file, 718)
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert tab.evaluate("document.querySelectorAll('details:not([open])').length") == 0
    assert tab.evaluate("document.documentElement.scrollWidth") <= 718
    assert not tab.locator("nav").is_visible()
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.evaluate("document.querySelectorAll('details[open]').length") == 0
    assert tab.pdf(format="A4")[:5] == b"%PDF-"
    assert seen.nothing, seen
    tab.close()


def looked_at(browser: Any, text: str, file: Path) -> tuple[list[str], Seen]:
    """The structure of a page once all of its galleries were opened, and what happened meanwhile."""
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    tab, seen = opened(browser, file)
    bones = tab.evaluate(BONES)
    for name in ("confusion", "worst", "saw"):
        opener = tab.locator(f"#figure-{name} [data-gallery]").first
        if opener.count():
            opener.dispatch_event("click")
            bones += tab.evaluate(BONES)
            tab.keyboard.press("Escape")
    tab.wait_for_timeout(50)
    tab.close()
    return bones, seen


def test_hostile_texts_stay_texts(browser: Any, tmp_path: Path) -> None:
    expected, _ = looked_at(browser, page(hostile_comparison("x" * 20)), tmp_path / "harmless.html")
    for payload in PAYLOADS:
        bones, seen = looked_at(browser, page(hostile_comparison(payload)), tmp_path / "hostile.html")
        assert seen.nothing, (payload, seen)
        assert bones == expected, payload


def test_the_same_check_fails_where_escaping_is_off(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = "<img src=x onerror=alert(1)>"
    expected, _ = looked_at(browser, page(hostile_comparison("x" * 20)), tmp_path / "harmless.html")
    monkeypatch.setattr(rendering.environment(), "autoescape", False)
    rendering.environment().cache.clear()
    text = page(hostile_comparison(payload))
    monkeypatch.undo()
    rendering.environment().cache.clear()
    bones, seen = looked_at(browser, text, tmp_path / "open.html")
    assert bones != expected
    assert seen.errors, "the policy holds even then, and says so"
    assert not seen.dialogs
    without_policy = text.replace("Content-Security-Policy", "X-Nothing")
    _, unguarded = looked_at(browser, without_policy, tmp_path / "unguarded.html")
    assert unguarded.dialogs, "without escaping and policy the payload runs"
