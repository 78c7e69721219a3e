"""Whatever stands in dialogues, summaries, ids and names: the report is built, runs none of it and says no NaN."""

from __future__ import annotations

from html.parser import HTMLParser

from generated import IDS_OF_RECORDS, WRITABLE, cases
from hypothesis import strategies as st
from made_up_reports import reported, without
from made_up_studies import scores

from parity.data import Record
from parity.examples import Run
from parity.report import pictures_of, report_page

N_DIALOGUES = 3
POINTS = {
    "full": scores(40, 2, N_DIALOGUES),
    "lora": scores(39, 2, N_DIALOGUES, draw=1),
    "lead": scores(30, 1, N_DIALOGUES, draw=2),
}
STUDY = reported(POINTS)
PICTURES = pictures_of(STUDY)


class Tags(HTMLParser):
    """Counts what could run or fetch, and gathers the words."""

    def __init__(self, page: str):
        super().__init__()
        self.active, self.words, self.inside = 0, [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.active += tag in ("script", "iframe", "object", "embed", "link", "base", "form", "img", "style")
        self.active += sum(name.startswith("on") or name in ("src", "srcdoc", "formaction") for name, _ in attributes)
        self.inside.append(tag)

    def handle_data(self, data):
        if self.inside and self.inside[-1] not in ("script", "style"):
            self.words += data.split()

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass


PLAIN = Tags(report_page(STUDY, PICTURES))


@cases(
    ids=st.lists(IDS_OF_RECORDS, min_size=N_DIALOGUES, max_size=N_DIALOGUES, unique=True),
    texts=st.lists(WRITABLE, min_size=9, max_size=9),
    names=st.lists(WRITABLE.filter(bool), min_size=3, max_size=3),
)
def test_a_report_of_any_texts_is_built_and_holds_nothing_that_runs(ids, texts, names):
    records = [
        Record(name, *texts[number : number + 1], tuple(texts[3 + number : 5 + number])) for number, name in enumerate(ids)
    ]
    summaries = [
        Run(
            run.method,
            run.seed,
            [{"id": name, "prediction": text} for name, text in zip(ids, texts[6:], strict=True)],
            dict.fromkeys(ids, 1.5),
        )
        for run in STUDY.runs
    ]
    source = {"source": names[0], "scores": {"lora": {"rouge1": 40}}}
    model, data = ({"source": "folder", "name_or_path": name, "revision": None} for name in names[1:])
    config = STUDY.config | {"published": source, "model": model, "data": data}
    page = report_page(without(STUDY, records=records, summaries=summaries, config=config), PICTURES)
    page.encode()
    found = Tags(page)
    assert found.active == PLAIN.active
    said = {word for name in (*names, *texts, *ids) for word in name.split()}
    assert not ({"nan", "NaN", "inf", "[nan,", "nan]"} - said) & set(found.words)
