"""The frame that every page has: one file, all text shown as text, and no script but its own."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup, escape
from patience import PATIENCE_SECONDS
from playwright.sync_api import Page

from parity.page import Section, embedded_data, whole_page

HOSTILE = "</script></textarea></title><img src=x onerror='document.title=\"taken\"'><script>document.title='taken'</script>"


def opened(page: Page, folder: Path, text: str) -> None:
    (folder / "page.html").write_text(text, encoding="utf-8")
    page.goto((folder / "page.html").as_uri())


def test_hostile_text_shows_as_text_and_runs_nothing(page: Page, tmp_path: Path):
    script = "document.getElementById('out').textContent = JSON.parse(document.getElementById('data').textContent).text;"
    html = Markup("<p id='in'>") + escape(HOSTILE) + Markup("</p><p id='out'></p>") + embedded_data("data", {"text": HOSTILE})
    opened(page, tmp_path, whole_page(HOSTILE, [Section("one", HOSTILE, html, script=script)]))
    assert page.title() == page.inner_text("h1") == page.inner_text("h2") == HOSTILE
    assert page.text_content("#in") == page.text_content("#out") == HOSTILE
    assert page.complaints == []


def test_a_script_that_is_not_the_pages_own_is_refused_and_so_is_every_request(page: Page, tmp_path: Path, listener):
    smuggled = Markup(
        f"<script>document.title='taken'</script><img src='{listener.url}/x.png' onerror=\"document.title='taken'\">"
    )
    ours = f"document.body.id = 'ran'; fetch('{listener.url}/y').catch(() => document.body.className = 'refused');"
    opened(page, tmp_path, whole_page("mine", [Section("one", "One", smuggled, script=ours)]))
    page.wait_for_selector("body.refused", timeout=1000 * PATIENCE_SECONDS)
    assert page.get_attribute("body", "id") == "ran"
    assert page.title() == "mine"
    assert len(page.complaints) >= 3
    assert listener.asked == []


def test_the_listener_hears_a_page_without_a_policy(page: Page, tmp_path: Path, listener):
    opened(page, tmp_path, f"<img src='{listener.url}/x.png'>")
    page.wait_for_load_state("networkidle")
    assert listener.asked == ["/x.png"]
