"""The report's page: what it holds, what it says of what is missing, and that no text in it turns into markup."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from made_up_reports import POINTS, reported, without
from made_up_studies import generation_record, record, training_record
from project import ROOT

from parity import make_report
from parity.compared import is_deterministic, report_config
from parity.config import check_config, method_block, study_runs
from parity.errors import InputError
from parity.files import write_json, write_json_lines, write_text
from parity.holes import LAST_LINES, Hole, find_holes, last_lines
from parity.memory_request import check_file
from parity.report import html, pictures_of, report_page
from parity.reported import dialogue_lengths, read_part
from parity.results import SCORE_COLUMNS

HOSTILE = "</pre><script>document.title='taken'</script> مرحبا 🙂"


def page_of(study) -> str:
    return report_page(study, pictures_of(study))


def test_the_page_holds_verdict_tables_and_pictures_and_is_the_same_text_again():
    page = page_of(reported())
    assert page == page_of(reported())
    for part in (
        "<title>made_up: report</title>",
        "declared margin of 1.0 point",
        "40.0 [",
        "Every run (9)",
        'id="picture-curves"',
    ):
        assert part in page
    assert page.count("<svg") == 7 and 'id="missing"' not in page
    assert "http://" not in page.replace("http://www.w3.org/", "") and "https://" not in page


def test_a_study_with_holes_gets_no_verdict_and_shows_which_run_and_the_end_of_its_log():
    log = Path("results/made_up/logs/train/lora/seed-4.log")
    holes = (Hole("train", log, ("first", HOSTILE), "lora", 4), Hole("train", log, None, "full", 4), Hole("check", log, ("no",)))
    page = page_of(reported(holes=holes))
    assert "No verdict yet" in page and "non-inferior" not in page
    assert "9 runs of this study are here; 2 are missing." in page
    assert "lora, seed 4" in page and str(log) in page and "The step check" in page
    assert "Not begun:\n<code>full</code> seed 4." in page
    assert "&lt;/pre&gt;&lt;script&gt;" in page and "مرحبا 🙂" in page and "<script>document" not in page
    assert "Confirmatory, on a part of the runs" in page


def test_many_holes_do_not_bury_the_page():
    holes = tuple(Hole("train", Path(f"{n}.log"), ("end of it",) * 15, "lora", n) for n in range(900))
    page = page_of(without(reported(), holes=list(holes)))
    assert page.count("<pre") == 20 and "And 880 more with logs" in page


def test_a_study_without_a_scored_run_is_a_page_of_holes():
    study = reported()
    empty = without(
        study, runs=[], scores=None, estimates=None, contrasts=None, results=None, holes=[Hole("prepare", Path("p.log"), ("x",))]
    )
    page = page_of(empty)
    assert page.count("<section") == 1 and "The step prepare" in page and "<svg" not in page


@pytest.mark.parametrize(
    "points",
    [{"lora": POINTS["lora"]}, {"full": POINTS["full"][:1]}, {"lead": POINTS["lead"]}, {"other": POINTS["lead"]}],
    ids=["one method", "one seed", "no seeds", "another system"],
)
def test_a_small_study_has_a_page(points):
    page = page_of(reported(points=points))
    assert "Nothing is declared" in page or "Confirmatory: nothing" in page
    assert next(iter(points)) in page and "nan" not in page.lower().replace("finance", "")


def test_markdown_is_shown_as_words_and_tables_but_no_html_links_or_images():
    text = html(["## Head", "a **b** `c` <img src=x> [d](javascript:e) ![f](http://g)", "| h |\n|---|\n| <i> |"])
    assert "<h3>Head</h3>" in text and "<strong>b</strong> <code>c</code>" in text and "<td>&lt;i&gt;</td>" in text
    assert "<img" not in text and "<a" not in text and "&lt;img src=x&gt;" in text


def test_the_last_lines_of_a_log_are_plain_text_and_few(tmp_path):
    assert last_lines(tmp_path / "none.log") is None
    log = tmp_path / "a.log"
    text = "".join(f"line {n}\n" for n in range(30_000)) + "10%\r20%\r99%\n\x1b[31mred\x1b[0m \x00é\n" + "x" * 1000 + "\n\n"
    log.write_bytes(text.encode() + b"\xff\xfe")
    found = last_lines(log)
    assert len(found) == LAST_LINES and found[-4:-2] == ("99%", "red é")
    assert found[-2] == "x" * 400 + " ..." and found[-1] == "\ufffd\ufffd"


def test_lengths_are_words_and_characters_where_words_are_not_set_apart():
    lengths, unit = dialogue_lengths(["#A#: two words", "#B#: three more words"])
    assert (lengths.tolist(), unit) == ([3, 4], "words")
    assert dialogue_lengths(["你好吗你今天怎么样我很好谢谢你", "再见明天见祝你今天过得愉快"])[1] == "characters"


class Folder:
    """A study of the quick start's config with one PEFT method and two seeds, of which single runs are put there."""

    def __init__(self, root: Path):
        self.config = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
        self.config |= {"name": "part", "seeds": [1, 2], "compare": ["full", "lora", "lead"]}
        self.config["comparison"] |= {"n_bootstrap": 100, "contrasts": [["lora", "full"], ["lora", "lead"]]}
        self.file = root / "study.yaml"
        self.file.write_text(yaml.safe_dump(self.config), encoding="utf-8")
        check_config(self.config, "study.yaml")
        self.folder = root / "results/part"

    def data(self):
        rows = [{"id": f"d{n}", "dialogue": "a b c " * (n + 1), "references": ["x"]} for n in range(30)]
        write_json_lines(self.folder / "data/test.jsonl", rows)
        write_json(self.folder / "data/check.json", {})

    def run(self, method: str, seed: int, score: float):
        kind = self.config["methods"][method]["kind"]
        place, is_trained = self.folder / method / f"seed-{seed}", kind in ("full", "peft")
        training = training_record() if is_trained else None
        counts = dict.fromkeys(("dialogues", "references", "predictions"), 30) | {"empty_predictions": 0}
        metrics = dict.fromkeys(SCORE_COLUMNS, score)
        generation = generation_record() if is_trained else None
        write_json(place / "rouge.json", record(method, seed or None, kind, metrics, counts, training, generation))
        lines = [",".join(["id", *SCORE_COLUMNS])]
        lines += [",".join([f"d{n}", *[f"{score + n % 5}"] * len(SCORE_COLUMNS)]) for n in range(30)]
        write_text(place / "scores.csv", "\n".join(lines) + "\n")
        write_json_lines(place / "predictions.jsonl", [{"id": f"d{n}", "prediction": "a b"} for n in range(30)])
        if is_trained:
            curves = {"loss": [{"epoch": 1.0, "loss": 2.0}], "eval_loss": [{"epoch": 1.0, "eval_loss": 2.5}]}
            write_json(place / "train.json", training | curves)

    def log(self, name: str, text: str):
        write_text(self.folder / "logs" / name, text)

    @property
    def holes(self) -> list[tuple]:
        return [(hole.method, hole.seed, hole.rule, hole.lines) for hole in find_holes(self.config, self.folder)]


@pytest.fixture
def part(tmp_path, monkeypatch) -> Folder:
    monkeypatch.chdir(tmp_path)
    return Folder(tmp_path)


def test_a_hole_names_the_first_step_that_left_nothing_with_its_log(part):
    assert part.holes[0][:3] == (None, None, "prepare")
    part.data()
    for method, seed in (("full", 1), ("full", 2), ("lora", 1), ("lora", 2), ("lead", 0)):
        part.run(method, seed, 30)
    assert part.holes == []
    (part.folder / "full/seed-2/rouge.json").unlink()
    (part.folder / "lora/seed-1/rouge.json").unlink()
    (part.folder / "lora/seed-1/predictions.jsonl").unlink()
    (part.folder / "lora/seed-2/rouge.json").unlink()
    (part.folder / "lora/seed-2/train.json").unlink()
    part.log("train/lora/seed-2.log", "Killed\n")
    part.log("score/full/seed-2.log", "one\ntwo\n")
    assert part.holes == [
        ("full", 2, "score", ("one", "two")),
        ("lora", 1, "generate", None),
        ("lora", 2, "train", ("Killed",)),
    ]
    # Another rank needs a check of its own, which failed.
    part.config["methods"]["lora"]["peft"]["r"] = 4
    wanted = Path(check_file(str(part.folder / "data"), "lora", method_block(part.config, "lora"), "train"))
    part.log(f"check_method/{wanted.stem}.log", "no such module\n")
    assert part.holes[-1] == ("lora", 2, "check_method", ("no such module",))


def test_before_anything_ran_the_message_names_the_command(part, capsys):
    with pytest.raises(InputError, match=r"results/part: nothing of this study has run yet. Run it first: .*snakemake --cores 4"):
        make_report.make_report(str(part.file))
    part.data()
    with pytest.raises(SystemExit, match="nothing of this study has run yet"):
        make_report.main(["--configfile", str(part.file)])
    assert not (part.folder / "report.html").exists()
    with pytest.raises(SystemExit, match="no such file"):
        make_report.main(["--configfile", "missing.yaml"])


def test_what_there_is_of_a_study_is_reported_beside_its_holes(part, capsys):
    part.data()
    part.run("full", 1, 30)
    part.run("full", 2, 31)
    part.run("lead", 0, 20)
    part.log("train/lora/seed-1.log", "RuntimeError: out of memory\n")
    kept = part.folder / "figures/seed-1"
    write_text(kept, "of a method that is called figures")
    write_text(part.folder / "figures/means.svg", "<svg/>")
    assert make_report.make_report(str(part.file)) == 0
    page = (part.folder / "report.html").read_text(encoding="utf-8")
    for text in ("3 runs of this study are here; 2 are missing", "RuntimeError: out of memory", "No verdict yet", "full: 32.5 ["):
        assert text in page
    assert "2 of 5 runs are missing" in capsys.readouterr().out
    # Pictures of a finished study would not be this page's, and Snakemake would take them for done.
    assert list((part.folder / "figures").iterdir()) == [kept]


def test_contrasts_are_those_of_the_methods_that_are_there(part):
    part.data()
    part.run("lora", 1, 30)
    part.run("lead", 0, 20)
    holes = find_holes(part.config, part.folder)
    runs = [run for run in study_runs(part.config) if run.method == "lead" or (run.method, run.seed) == ("lora", 1)]
    deterministic = {name for name in part.config["compare"] if is_deterministic(part.config, name)}
    study = read_part(part.folder, runs, deterministic, report_config(part.config), holes)
    assert study.methods == ["lora", "lead"] and part.config["compare"] == ["full", "lora", "lead"]
    confirmatory = study.contrasts[study.contrasts["family"] == "confirmatory"]
    assert confirmatory[["method", "reference"]].to_numpy().tolist() == [["lora", "lead"]]
    assert study.primary.loc["lora", "scope"] == "these runs on new dialogues"


def test_runs_that_cannot_be_joined_are_a_hole_and_no_traceback(part):
    part.data()
    part.run("full", 1, 30)
    part.run("lead", 0, 20)
    scores = part.folder / "lead/seed-0/scores.csv"
    scores.write_text("\n".join(scores.read_text().splitlines()[:-1]) + "\n")
    part.log("train/lora/seed-1.log", "busy\n")
    assert make_report.make_report(str(part.file)) == 0
    page = (part.folder / "report.html").read_text(encoding="utf-8")
    assert "its dialogues are not those of" in page and "2 runs of this study are here" in page


def test_where_the_comparison_of_all_runs_fails_the_page_says_why(part, monkeypatch):
    part.data()
    for method, seed in (("full", 1), ("full", 2), ("lora", 1), ("lora", 2), ("lead", 0)):
        part.run(method, seed, 30)
    part.log("compare.log", "it lacks one of them\n")
    scores = part.folder / "lead/seed-0/scores.csv"
    scores.write_text("\n".join(scores.read_text().splitlines()[:-1]) + "\n")
    commands = []
    monkeypatch.setattr(make_report.subprocess, "run", lambda command: commands.append(command) or SimpleNamespace(returncode=1))
    assert make_report.make_report(str(part.file)) == 1
    # A report must not train: Snakemake may run the three rules alone.
    [command] = commands
    assert command[command.index("--allowed-rules") :] == [
        "--allowed-rules",
        "compare",
        "aggregate",
        "report",
        "--",
        "results/part/report.html",
    ]
    page = (part.folder / "report.html").read_text(encoding="utf-8")
    for text in ("All runs are here, but what is made of them is not.", "it lacks one of them", "its dialogues are not those of"):
        assert text in page
