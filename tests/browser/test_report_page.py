"""The report of a run in a real browser: what axe finds, what the keyboard reaches, what the filters show, what is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from goldworks.evaluation.report import summary_page
from goldworks.evaluation.run import run
from goldworks.evaluation.suites import load_suite
from goldworks.evaluation.targets import load_target
from goldworks.lake import Lake
from goldworks.redaction import load_redactor

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
BOT = """
def weak(question):
    return "No idea at all."
def better(question):
    return "It is word." if question.case_id > "case2" else "It is <b>not</b> here."
"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the second of two releases."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "report_bot.py").write_text(BOT)
    lake = Lake(folder / "home")
    expected = {"facts_required": ["word"], "reference": "It is word."}
    rows = [
        {
            **{"version_id": "shop-v1", "use_case": "shop", "tier": "T2", "origin": "authored", "tags": ["a"], "parents": []},
            **{"case_id": f"case{n}", "case_digest": f"d{n}", "tools": "[]", "expected": orjson.dumps(expected).decode()},
            "messages": orjson.dumps([{"role": "user", "text": f"What is the word of page {n}?"}]).decode(),
            "passages": orjson.dumps([{"id": "p", "text": "The word is word."}]).decode(),
        }
        for n in range(6)
    ]
    lake.replace("golden.cases", rows, {"version_id": "shop-v1"})
    version = {"version_id": "shop-v1", "use_case": "shop", "content_digest": "d", "cases": 6, "approvers": [], "owner": "o"}
    lake.upsert("golden.versions", [{**version, "minted_at": NOW, "current_at": NOW, "is_tombstone": False}])
    suite = load_suite(ROOT / "expectations" / "suites" / "chat.yml")
    redactor = load_redactor(ROOT / "expectations" / "policies" / "redaction.yml", b"k" * 32, "off")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        for release in ("weak", "better"):
            target = folder / f"{release}.yml"
            target.write_text(f"kind: callable\nfunction: report_bot:{release}\n")
            made = run(
                lake, "shop-v1", suite, load_target(target), occasion=f"release:{release}", release=release, redactor=redactor
            )
    day = made.row["ended_at"].date().isoformat()
    held = {"case_id": "case0", "owner": "o", "reason": "it flips", "since": day, "expires": day}
    policies = folder / "expectations" / "policies"
    policies.mkdir(parents=True)
    (policies / "quarantine.yml").write_bytes(orjson.dumps({"version": 1, "most_share": 0.5, "cases": [held]}))
    file = folder / "summary.html"
    file.write_text(summary_page(lake, made, folder / "expectations"), encoding="utf-8")
    return file


@pytest.fixture
def page(page_file: Path) -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"there is no {CHROMIUM}: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        shown = browser.new_page(viewport={"width": 1100, "height": 900})
        shown.asked, shown.said = [], []
        shown.on("request", lambda request: shown.asked.append(request.url))
        shown.on("console", lambda message: shown.said.append(message.text))
        shown.goto(page_file.as_uri())
        yield shown
        browser.close()


def test_axe_finds_nothing_with_all_answers_open(page: Any):
    from axe_playwright_python.sync_playwright import Axe

    page.get_by_role("button", name="Open all").click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_the_keyboard_reaches_filters_and_answers(page: Any):
    page.keyboard.press("Tab")
    seen: list[str] = []
    for _ in range(12):
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        page.keyboard.press("Tab")
    for wanted in ("metric", "text", "open", "close", "SUMMARY"):
        assert wanted in seen
    page.locator("details.case summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details.case").first.get_attribute("open") is not None


def test_filters_show_what_fits(page: Any):
    shown = page.locator("details.case:visible")
    assert shown.count() == 3
    page.locator("#text").fill("page 2")
    assert shown.count() == 1
    assert page.locator("#count").text_content() == "1 of 3 shown"
    page.locator("#text").fill("")
    page.locator("#metric").select_option("facts_required")
    assert shown.count() == 3


def test_a_case_in_quarantine_has_a_row_and_the_figures_are_there_without_it(page: Any):
    table = page.get_by_role("region", name="Cases in quarantine", exact=True)
    assert table.get_by_role("row").count() == 2
    assert "it flips" in table.text_content()
    assert page.get_by_role("region", name="Figures without the cases in quarantine").is_visible()


def test_the_release_before_stands_beside_and_nothing_is_fetched(page: Any):
    assert page.get_by_role("columnheader", name="Difference to weak").count() == 1
    assert page.locator(".better").count() > 0
    assert page.locator("b").count() == 0, "an answer's markup is text"
    assert page.asked == [page.url]
    assert page.said == []
