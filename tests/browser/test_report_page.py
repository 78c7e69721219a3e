"""The report in a browser: nothing wider than a phone, legible pictures in light and dark, nothing asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up_reports import many, reported
from playwright.sync_api import Browser, Page

from parity.holes import Hole
from parity.report import pictures_of, report_page

PHONE = {"width": 375, "height": 700}
TEXT_SIZES = """[...document.querySelectorAll('svg text')].map(text => {
    const matrix = text.getScreenCTM();
    return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(matrix.a, matrix.b);
})"""
COLOURS = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('svg text')).fill]"


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    """A report of many methods with long names, and a hole whose log has a very long line."""
    log = Path("results/made_up/logs/train/full/seed-4.log")
    study = reported(holes=(Hole("train", log, ("x" * 400, "<b>مرحبا</b> 🙂"), "full", 4),), **many(6, 3))
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report_page(study, pictures_of(study)), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_overflows_and_all_pictures_are_legible(browser: Browser, report: Path, scheme: str):
    context = browser.new_context(viewport=PHONE, color_scheme=scheme)
    page, asked, said = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert min(page.evaluate(TEXT_SIZES)) >= 10
    assert page.locator("svg[role=img][aria-label]").count() == page.locator("svg").count() == 7
    ground, ink = page.evaluate(COLOURS)
    assert (ground, ink) == {
        "light": ("rgb(255, 255, 255)", "rgb(28, 28, 28)"),
        "dark": ("rgb(20, 23, 26)", "rgb(232, 232, 232)"),
    }[scheme]
    assert page.locator("pre").first.inner_text().endswith("<b>مرحبا</b> 🙂")
    assert asked == [report.as_uri()] and said == []
    context.close()


def test_no_two_elements_share_an_id_and_every_reference_leads_somewhere(page: Page, report: Path):
    page.goto(report.as_uri())
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)")
    assert len(set(ids)) == len(ids)
    hrefs = page.evaluate(
        "[...document.querySelectorAll('use, nav a')].map(element => element.getAttribute('xlink:href') || element.getAttribute('href'))"
    )
    assert len(hrefs) > 50 and {href[1:] for href in hrefs} <= set(ids)
    assert page.complaints == []
