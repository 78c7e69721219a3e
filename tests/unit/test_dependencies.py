"""make audit: no pin without a row, and no vulnerability or unanswered question passes for "none known"."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from tools import audit

TABLE = audit.TABLE.read_text(encoding="utf-8")


def answer(monkeypatch: pytest.MonkeyPatch, stdout: str, stderr: str = "") -> list[str]:
    monkeypatch.setattr(audit.subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=stdout, stderr=stderr, returncode=1))
    return list(audit.vulnerabilities())


def test_every_pin_has_a_row_with_its_licence_and_no_other_package_has():
    assert audit.table_problems(TABLE) == []
    assert len(audit.pins()) > 25
    lines = TABLE.split("\n")
    [place] = [number for number, line in enumerate(lines) if line.startswith("| torch |")]
    without = "\n".join(lines[:place] + lines[place + 1 :])
    assert audit.table_problems(without) == ["docs/DEPENDENCIES.md has no row of torch"]
    assert "has a row of frob" in audit.table_problems(without + "\n| frob | MIT | nothing |\n")[1]
    assert audit.table_problems(TABLE.replace("| tabulate | MIT |", "| tabulate |  |"))[0].endswith(
        "tabulate: make audit WRITE=1"
    )


def test_the_licences_in_the_table_are_what_the_packages_say():
    emptied = audit.ROW.sub(lambda row: f"| {row[1]} |  | {row[3]} |" if row[1] == "tabulate" else row[0], TABLE)
    assert emptied != TABLE
    filled = audit.with_licences(emptied)
    assert audit.table_problems(filled) == []
    assert "| tabulate | MIT | tables in Markdown |" in filled


def test_known_vulnerabilities_are_said_with_the_version_that_mends_them(monkeypatch):
    vulns = [{"id": "PYSEC-1", "fix_versions": ["2.0"]}, {"id": "PYSEC-2", "fix_versions": []}]
    found = {"dependencies": [{"name": "a", "version": "1.0", "vulns": vulns}, {"name": "b", "version": "1.0", "vulns": []}]}
    assert answer(monkeypatch, json.dumps(found)) == ["a 1.0: PYSEC-1; fixed in 2.0", "a 1.0: PYSEC-2"]


def test_packages_that_could_not_be_asked_for_do_not_pass_for_sound(monkeypatch):
    reason = "Dependency not found on PyPI and could not be audited: a (1.0)"
    found = {"dependencies": [{"name": "a", "skip_reason": reason}, {"name": "b", "version": "1", "vulns": []}]}
    assert answer(monkeypatch, json.dumps(found)) == ["of 1 of 2 packages the database could not be asked: a ..."]
    assert answer(monkeypatch, "", "no network\n") == ["pip-audit gave no answer: no network"]
    ours = {"dependencies": [{"name": "ours", "skip_reason": "distribution marked as editable"}]}
    assert answer(monkeypatch, json.dumps(ours)) == []
