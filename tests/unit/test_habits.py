"""A developer's habits hold: every target says what it does, the papers of the project are there and whole."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from project import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PYTHON = "3.11"


PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "config/README.md", ROOT / "resources/quickstart/README.md"]
)


def anchors(page: Path) -> set[str]:
    """What headings of a page are linked by, as GitHub makes it."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def phony() -> list[str]:
    [line] = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.M)
    return line.split()


def test_make_help_has_a_line_for_every_target_and_for_nothing_else():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = [re.fullmatch(r"  make (\S+) +(\S.*)", line) for line in done.stdout.splitlines()]
    assert all(lines)
    assert sorted(line[1] for line in lines) == sorted(phony())
    assert max(len(line[0]) for line in lines) <= 110


def test_every_target_is_phony():
    targets = {name for name in re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.M)}
    assert targets == set(phony())


def test_the_citation_has_what_the_format_asks_for():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors", "license", "version"} <= set(citation)
    assert citation["license"] == "MIT" and (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")


def test_the_changelog_names_the_version_of_the_citation_first():
    version = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"]
    first = re.search(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)[1]
    assert version in first


def test_the_hooks_are_the_projects_own_tools_and_name_files_that_exist():
    [repository] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert hook["entry"].startswith(".venv/bin/") and hook["language"] == "system"
        for path in re.findall(r"tests/\S+\.py", hook["entry"]):
            assert (ROOT / path).is_file()


def test_the_catalog_entry_says_what_is_there():
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text(encoding="utf-8"))["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment", "report"}
    assert usage["software-stack-deployment"]["conda"] is bool(list((ROOT / "workflow/envs").glob("*.yaml")))
    assert (ROOT / "workflow/Snakefile").is_file() and (ROOT / "config/README.md").is_file()


@pytest.mark.parametrize("recipe", ["Dockerfile", "parity.def"])
def test_a_container_is_made_from_the_pins_and_the_python_of_the_conda_environment(recipe):
    text = (ROOT / "workflow/envs" / recipe).read_text(encoding="utf-8")
    environment = yaml.safe_load((ROOT / "workflow/envs/parity.yaml").read_text(encoding="utf-8"))
    assert f"python={PYTHON}" in environment["dependencies"]
    assert re.search(rf"^(FROM|From:) python:{re.escape(PYTHON)}-slim$", text, re.M)
    # No package is named in it: all come from the one file of pins.
    assert re.findall(r"pip install .*", text) == ["pip install --no-cache-dir -r /opt/parity/requirements.txt"]
    assert re.search(r"^(COPY|   ) *requirements\.txt /opt/parity/requirements\.txt$", text, re.M)


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_from_a_page_lead_to_files_and_headings_that_are_there(page):
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        file, _, anchor = link.partition("#")
        target = page.parent / file if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_rule_has_a_unit_test_that_runs_its_script():
    rules = re.findall(
        r"^rule (\w+):", "".join(p.read_text(encoding="utf-8") for p in (ROOT / "workflow/rules").glob("*.smk")), re.M
    )
    assert len(rules) >= 12
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests/unit").glob("test_*.py"))
    assert [rule for rule in rules if f'run("{rule}"' not in tests and f'SCRIPTS / "{rule}.py"' not in tests] == []
