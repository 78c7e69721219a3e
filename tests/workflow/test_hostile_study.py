"""A whole study of hostile texts, with secrets in its environment: nothing is run, nothing escapes, and no secret is written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hostile import HTML, LATEX, MARKDOWN, SHELL, TEXTS
from hub_server import SIGNATURE, HubServer
from project import Project
from tiny import make_model, train_tokenizer

TOKEN = "hf_PLANTEDtokenOfTheEnvironment0001"
SECRETS = {
    "HF_TOKEN": TOKEN,
    "WANDB_API_KEY": "PLANTEDwandbKey00000000000000000000000002",
    "AWS_SECRET_ACCESS_KEY": "PLANTEDaws/secret+key000000000000000003",
    "GITHUB_TOKEN": "ghp_PLANTEDgithubToken0000000000000004",
    "MY_PASSWORD": "PLANTED pass'word $5",
}
IN_FILES = "hf_PLANTEDtokenOfTheHome000000000006"
THEIRS = "theirs; touch PWNED $(touch PWNED) '\"{seed}.jsonl"
# Names of files and folders that a shell would run, and a page take for a tag.
DATA, MODEL = "data `touch PWNED` [x](y)|*x*", "someone/tiny-t5"
SPLITS = {"train": "train'; touch PWNED; '.jsonl", "validation": 'val" $(touch PWNED).jsonl', "test": "--help.jsonl"}
READ = ("results.csv", "summary.csv", "estimates.csv", "contrasts.csv")


@dataclass
class Study:
    project: Project
    output: str
    tokens: list[tuple[str, str]]

    @property
    def results(self) -> Path:
        return self.project.folder / "results" / "hostile"

    def page(self, name: str) -> str:
        return (self.results / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory):
    outer = tmp_path_factory.mktemp("hostile")
    project = Project(outer / 'it\'s $(touch PWNED); & "more"')
    ids = write_data(project.folder / DATA)
    for seed in (1, 2):
        rows = [{"id": name, "prediction": TEXTS[(number + seed) % len(TEXTS)]} for number, name in enumerate(ids)]
        write_rows(project.folder / THEIRS.replace("{seed}", str(seed)), rows)
    config = project.folder / "config" / "it's $(touch PWNED).yaml"
    config.write_text(yaml.safe_dump(hostile_config()), encoding="utf-8")
    (outer / "home").mkdir()
    (outer / "home" / "token").write_text(IN_FILES)
    (outer / "home" / "stored_tokens").write_text(f"[mine]\nhf_token = {IN_FILES}\n")
    with HubServer() as hub, pytest.MonkeyPatch.context() as patch:
        hub.add("model", MODEL, tiny_model(outer / "model"), token=TOKEN)
        hub.fail("GET", "/store/", sends=100)
        hub.fail("GET", "/revision/", status=503, headers={"X-Error-Message": "busy"})
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        patch.setenv("HF_HOME", str(outer / "home"))
        patch.setenv("HF_ENDPOINT", hub.url)
        done = project.snakemake("--cores", "2", "--printshellcmds", "--configfile", str(config.relative_to(project.folder)))
        project.snakemake("--cores", "2", "--configfile", str(config.relative_to(project.folder)), "--", "human_sheets")
    return Study(project, done.stdout, hub.tokens)


def write_data(folder: Path) -> list[str]:
    """Files of hostile dialogues, summaries and ids; returns the test dialogues' ids."""
    folder.mkdir()
    for split, file in SPLITS.items():
        texts = TEXTS if split == "test" else TEXTS[:8] if split == "train" else TEXTS[8:12]
        rows = [
            {
                "fname": f"{text} {split} {number}",
                "dialogue": f"#Person1#: {text}\n{text}\n#Person2#: Yes, {number}.",
                "summary1": f"Summary {number} {text}",
                "summary2": text,
            }
            for number, text in enumerate(texts)
        ]
        write_rows(folder / file, rows)
    return [row["fname"].strip() for row in rows]


def write_rows(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def tiny_model(folder: Path) -> dict[str, bytes]:
    tokenizer = train_tokenizer(TEXTS)
    make_model(vocab_size=len(tokenizer), num_layers=1, num_decoder_layers=1).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def hostile_config() -> dict:
    baselines = {name: {"kind": "baseline", "baseline": name, "n": 1} for name in ("lead", "longest")}
    return {
        "name": "hostile",
        "seeds": [1, 2],
        "compare": ["theirs", "lead", "longest", "human"],
        "model": {"source": "hub", "name_or_path": MODEL, "revision": "main"},
        "data": {"source": "files", "name_or_path": DATA, "splits": SPLITS},
        "prompt": "".join(SHELL) + "{dialogue}" + "".join(LATEX).replace("{", "(").replace("}", ")"),
        "max_source_length": 64,
        "comparison": {"contrasts": [["theirs", "lead"]], "margin": 1.0},
        "published": {"source": " ".join(HTML + MARKDOWN), "scores": {"theirs": {"rouge1": 30.0}}},
        "methods": baselines
        | {"theirs": {"kind": "predictions", "file": THEIRS}, "human": {"kind": "baseline", "baseline": "human"}},
    }


def written(study: Study) -> list[Path]:
    """Every file below the study's folder and beside it that is no file of the project's own."""
    beside = (path for path in study.project.folder.parent.rglob("*") if path.is_file())
    own = [study.project.folder / part for part in ("Snakefile", "config", "profiles", "workflow")]
    return [path for path in beside if not any(path.is_relative_to(part) for part in own) and "home" not in path.parts]


def test_no_text_was_run_by_a_shell_and_nothing_left_the_folder(study: Study):
    assert [path for path in study.project.folder.parent.rglob("PWNED*")] == []
    assert {path.name for path in study.project.folder.parent.iterdir()} == {study.project.folder.name, "home", "model"}
    assert {path.name for path in (study.project.folder / "results").iterdir()} == {"hostile"}


def test_dialogues_ids_and_summaries_come_through_as_they_are(study: Study):
    rows = [json.loads(line) for line in study.page("data/test.jsonl").split("\n") if line]
    predictions = [json.loads(line) for line in study.page("theirs/seed-1/predictions.jsonl").split("\n") if line]
    assert len(rows) == len(TEXTS)
    for number, (row, prediction, text) in enumerate(zip(rows, predictions, TEXTS, strict=True)):
        assert row["id"] == prediction["id"] == f"{text} test {number}".strip()
        assert row["dialogue"].startswith("#Person1#: ")
        assert " ".join(text.split()) in " ".join(row["dialogue"].split())
        assert row["references"][1] == text.strip()
        assert prediction["prediction"] == TEXTS[(number + 1) % len(TEXTS)].strip()
    scores = pd.read_csv(study.results / "theirs" / "seed-1" / "scores.csv", keep_default_na=False, lineterminator="\n")
    assert len(scores) == len(TEXTS)
    assert scores["rouge1"].between(0, 100).all()


@pytest.mark.parametrize("name", ["summary.md", "verdict.md"])
def test_the_pages_tables_keep_their_shape_and_hold_no_markup_of_others(study: Study, name):
    page = study.page(name)
    assert "PWNED" in page if name == "summary.md" else True
    widths = set()
    for block in re.split(r"\n\s*\n", page):
        lines = block.strip().split("\n")
        if lines[0].startswith("|"):
            cells = {len(re.findall(r"(?<!\\)\|", line)) for line in lines}
            assert len(cells) == 1, block
            widths |= cells
            assert re.fullmatch(r"\|[-:|]+\|", lines[1]), block
    assert name != "summary.md" or widths
    for bad in (r"(?<!\\)<[a-zA-Z/!]", r"(?<!\\)\]\(", r"(?m)^```", r"[^\S\n]\n?\x00"):
        assert not re.search(bad, page), bad
    headings = re.findall(r"(?m)^#+ .*", page)
    assert not [heading for heading in headings if heading == "# heading"]


@pytest.mark.parametrize("name", READ)
def test_no_cell_of_a_table_for_reading_is_a_formula_to_a_spreadsheet(study: Study, name):
    table = pd.read_csv(study.results / name, dtype=str, keep_default_na=False)
    cells = [*table.columns, *table.to_numpy().ravel()]
    assert cells
    formulas = [
        cell for cell in cells if cell[:1] in "=+-@\t\r" and cell and not re.fullmatch(r"[+-]?[0-9.]+(e[+-]?\d+)?|-?inf", cell)
    ]
    assert formulas == []


def test_the_latex_table_holds_no_text_of_others(study: Study):
    table = study.page("table.tex")
    assert table.count(r"\begin{table}") == table.count(r"\end{table}") == 1
    for command in ("write18", "\\input", "PWNED", "passwd"):
        assert command not in table
    body = table.split(r"\midrule")[1]
    assert {line.count(" & ") for line in body.split("\n") if line.startswith(("theirs", "lead"))} == {6}


def test_the_token_opened_the_model_and_was_sent_nowhere_else(study: Study):
    assert {authorization for _, authorization in study.tokens} == {f"Bearer {TOKEN}"}
    assert not [path for path, _ in study.tokens if path.startswith("/store/")]
    assert (study.project.folder / "resources" / "hub" / "models--someone--tiny-t5" / "main" / "fetched.json").is_file()


def test_no_secret_of_the_environment_or_the_home_is_written_anywhere(study: Study):
    """Results, logs, benchmarks, Snakemake's own records and scripts, the fetched model, and what the terminal showed."""
    files = written(study)
    kinds = {path.relative_to(study.project.folder.parent).parts[1] for path in files}
    assert {"results", "resources", ".snakemake"} <= kinds
    secrets = [*SECRETS.values(), IN_FILES, SIGNATURE.partition("=")[2]]
    for secret in secrets:
        forms = {secret.encode(), json.dumps(secret)[1:-1].encode(), secret.encode().hex().encode()}
        assert [path for path in files if any(form in path.read_bytes() for form in forms)] == [], secret
        assert secret not in study.output
    assert "PLANTED" not in study.output
    # The search would find one: the home, which is the user's own, has it.
    assert IN_FILES.encode() in (study.project.folder.parent / "home" / "token").read_bytes()


def test_the_terminal_shows_no_control_characters_of_the_data(study: Study):
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", study.output)


def test_a_config_that_is_a_program_and_a_command_line_that_a_shell_would_run_are_refused(study: Study):
    project = study.project
    program = project.folder / "config" / "program.yaml"
    program.write_text("__use_yte__: true\n" + yaml.safe_dump(hostile_config()), encoding="utf-8")
    done = project.snakemake("-n", "--cores", "1", "--configfile", "config/program.yaml", check=False)
    assert done.returncode != 0
    assert "program.yaml: __use_yte__: with this key a config is a program" in done.stdout
    config = next((project.folder / "config").glob("it's*")).relative_to(project.folder)
    value = "prompt=it's $(touch PWNED) {dialogue}"
    done = project.snakemake("-n", "--cores", "1", "--configfile", str(config), "--config", value, check=False)
    assert done.returncode != 0
    assert f"--config {value}: a value with quotes, a backslash or a line end" in done.stdout
    assert not (project.folder / "PWNED").exists()


@pytest.mark.parametrize("name", ["report.html", "human-evaluation/sheets/rater-1.html"])
def test_a_page_shows_hostile_texts_and_runs_and_fetches_nothing_of_them(study: Study, page, name):
    """All dialogues are gone through, one after another."""
    asked = []
    page.context.on("requestfinished", lambda request: asked.append(request.url))
    page.goto((study.results / name).as_uri())
    assert "PWNED" not in page.title()
    shown = ""
    onward = page.get_by_role("button", name="Next")
    for _ in range(len(TEXTS)):
        shown += page.inner_text("body")
        if onward.is_enabled():
            onward.click()
    assert all(text in shown for text in ("document.title='PWNED'", "$(touch PWNED)", "attacker.invalid"))
    assert "PWNED" not in page.title() and page.complaints == []
    assert [url for url in asked if not url.startswith("file:")] == []
    elements = (
        "document.querySelectorAll('iframe, img[src^=x], form[action], link, a[href^=javascript], [onload], [onerror]').length"
    )
    assert page.evaluate(elements) == 0
