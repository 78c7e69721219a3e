"""A real headless Chromium, Debian's, in which no page reaches anything but files."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from debian import install
from patience import PATIENCE_SECONDS
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

SWITCHES = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
# A page without any font has no text to measure.
PACKAGES = ("chromium", "fonts-dejavu-core")


def chromium() -> Path:
    """Where Chromium is; as root on Debian, it is installed where it is missing."""
    if _found() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        install(lambda: () if _found() else PACKAGES)
    if (found := _found()) is None:
        pytest.skip("the pages' tests need Chromium: apt-get install chromium")
    return Path(found)


def _found() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one module: Playwright's event loop runs as long, and whatever else runs one in this process would be refused."""
    place = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=list(SWITCHES), timeout=1000 * PATIENCE_SECONDS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser session of its own, downloads accepted."""
    context = browser.new_context(accept_downloads=True)
    context.set_default_timeout(1000 * PATIENCE_SECONDS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty tab. Errors of the page's scripts, and what its policy refused, are kept in `page.complaints`."""
    page = context.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
    return page


class Listener(HTTPServer):
    """Takes down the path of every request."""

    def __init__(self):
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Answer)
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(200)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_):
        pass


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A server that a page should not be able to reach: `listener.url` where it is, `listener.asked` what reached it."""
    server = Listener()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
