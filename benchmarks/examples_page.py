"""How large the examples browser is, and how fast it answers a key, with 500 dialogues and 10 methods.

    .venv/bin/python benchmarks/examples_page.py [--dialogues 500] [--methods 10] [--seeds 5] [--slower 1 4]

Dialogues are the quick start's training dialogues; a method's summaries are sentences of references, right and wrong ones, and the
scores are drawn. The page is opened in headless Chromium. A key's time is from when the browser has it until after the next frame is
drawn, up to 17 ms of waiting for that frame included. --slower: times the processor is slowed down, by Chromium's own throttling.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow/scripts"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from chromium import SWITCHES, chromium

from parity.data import Record, load_split
from parity.examples import Run, examples_section
from parity.failure_tables import failures_section, failures_table
from parity.page import whole_page

DIALOGUES = Path(__file__).parents[1] / "resources/quickstart/train.jsonl"
COLUMNS = {"id": None, "dialogue": "dialogue", "summary": "summary"}
TIMES = 20
# What is pressed, and how often in a row.
KEYS = {
    "next, previous (j, k)": ["j"] * TIMES + ["k"] * TIMES,
    "method A (1 ... 0)": [*"1234567890"] * 2,
    "method B (with Shift)": [f"Shift+Digit{digit}" for digit in "1234567890"] * 2,
    "order (o)": ["o"] * TIMES,
    "seed (s)": ["s"] * TIMES,
    "marks (m), on every card one time in three": ["m"] * TIMES,
    "failures (f)": ["f"] * TIMES,
    "letters of a search": ["/", *"person wants the room", *["Backspace"] * 20],
}
CLOCK = """
window.taken = [];
addEventListener("keydown", (event) => ["Shift", "Escape"].includes(event.key) || requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => window.taken.push(performance.now() - event.timeStamp);
  channel.port2.postMessage(null);
}), true);
"""
# The page's policy lets no string be evaluated, which Playwright's own waiting wants.
UNTIL = "(n) => new Promise((done) => { const look = () => (window.taken.length < n ? setTimeout(look, 1) : done()); look(); })"


def made_up_study(n_dialogues: int, n_methods: int, n_seeds: int) -> tuple[list[Record], list[Run], list[str]]:
    draw = random.Random(1)
    train = load_split(DIALOGUES, "train", COLUMNS)
    records = [
        Record(f"test_{place}", record.dialogue, tuple(draw.choice(train).references[0] for _ in range(2)) + record.references)
        for place, record in enumerate(train[:n_dialogues])
    ]
    sentences = [sentence for record in train for sentence in record.references[0].split(". ")]
    names = [f"method_{number}" for number in range(n_methods)]

    def summary(record: Record) -> str:
        own = record.references[-1].split(". ")
        return ". ".join(one if draw.random() < 0.6 else draw.choice(sentences) for one in own)

    runs = [
        Run(
            name,
            seed,
            [{"id": record.id, "prediction": summary(record), "cut_off": draw.random() < 0.05} for record in records],
            {record.id: draw.uniform(10, 60) for record in records},
        )
        for name in names
        for seed in range(1, n_seeds + 1)
    ]
    return records, runs, names


def write_page(path: Path, n_dialogues: int, n_methods: int, n_seeds: int) -> int:
    """Returns its bytes."""
    records, runs, names = made_up_study(n_dialogues, n_methods, n_seeds)
    table = failures_table(((run.method, run.seed, run.rows) for run in runs), records)
    sections = [failures_section(table, {"compare": names}, has_examples=True), examples_section(records, runs, names, "rouge1")]
    return path.write_bytes(whole_page("Examples", sections).encode())


def press(page: Page, keys: list[str]) -> list[float]:
    """Milliseconds that each key took."""
    page.evaluate("window.taken = []")
    for number, key in enumerate(keys, 1):
        page.keyboard.press(key)
        page.evaluate(UNTIL, number)
    return page.evaluate("window.taken")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dialogues", type=int, default=500)
    parser.add_argument("--methods", type=int, default=10)
    parser.add_argument("--seeds", type=int, nargs="+", default=[5])
    parser.add_argument("--slower", type=int, nargs="+", default=[1, 4])
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(SWITCHES))
        for n_seeds in options.seeds:
            path = Path(folder, f"{n_seeds}.html")
            size = write_page(path, options.dialogues, options.methods, n_seeds)
            for slower in options.slower:
                rows += _rows(browser.new_page(viewport={"width": 1280, "height": 900}), path, size, n_seeds, slower)
        print(f"Chromium {browser.version}, {options.dialogues} dialogues, {options.methods} methods\n")
        browser.close()
    print(tabulate(rows, headers="keys", tablefmt="pipe", floatfmt=(*[""] * 4, ".0f", ".0f", "")))


def _rows(page: Page, path: Path, size: int, n_seeds: int, slower: int) -> list[dict]:
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(path.as_uri())
    opened = page.evaluate("performance.getEntriesByType('navigation')[0].domComplete")
    page.evaluate(CLOCK)
    page.evaluate("document.getElementById('examples-browser').scrollIntoView()")
    about = {
        "Seeds": n_seeds,
        "Page, MB": f"{size / 1e6:.2f}",
        "Processor": "as it is" if slower == 1 else f"{slower} times slower",
    }
    found = [about | {"Key": "opening the page", "Median, ms": opened, "Slowest, ms": opened, "Keys": 1}]
    for name, keys in KEYS.items():
        taken = press(page, keys)
        found.append(about | {"Key": name, "Median, ms": statistics.median(taken), "Slowest, ms": max(taken), "Keys": len(taken)})
        page.keyboard.press("Escape")
    page.close()
    return found


if __name__ == "__main__":
    main()
