"""A stage's code digest: changes with code that the stage uses, and with nothing else."""

import ast
import shutil
from pathlib import Path

import pytest

from parity import source_digest as source_digest_module
from parity.source_digest import source_digest

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
SCRIPT = '''"""Train."""

from parity.direct import work

RATE = 1


class Job:
    """A job."""

    def run(self):
        """Run it."""
        return work(RATE)
'''
DIRECT = "from .indirect import LIMIT\n\n\ndef work(n):\n    return min(n, LIMIT)\n"


@pytest.fixture
def script(tmp_path):
    """A script that uses parity.direct, which uses parity.indirect; parity.unrelated lies beside them."""
    package = tmp_path / "parity"
    package.mkdir()
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "direct.py").write_text(DIRECT, encoding="utf-8")
    (package / "indirect.py").write_text("LIMIT = 5\n", encoding="utf-8")
    (package / "unrelated.py").write_text("LIMIT = 5\n", encoding="utf-8")
    return tmp_path / "script.py"


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("RATE = 1\n", "RATE = 1  # of an epoch\n"),
        ("RATE = 1\n", "# A comment.\nRATE = 1\n"),
        ("RATE = 1\n", "\n\nRATE   =   (1)\n\n"),
        ("return work(RATE)", "return work(\n            RATE,\n        )"),
        ('"""Train."""', '"""Train one method."""'),
        ('"""A job."""', '"""What a rule asks for."""'),
        ('"""Run it."""', '"""Run it,\n\n        over two lines."""'),
        ('"""Train."""\n\n', ""),
        ('    """A job."""\n\n', ""),
        ('        """Run it."""\n', ""),
    ],
    ids=[
        "comment behind",
        "comment above",
        "white space",
        "wrapped call",
        "module docstring changed",
        "class docstring changed",
        "function docstring changed",
        "module docstring removed",
        "class docstring removed",
        "function docstring removed",
    ],
)
def test_a_cosmetic_edit_does_not_count(script, old, new):
    before = source_digest(script)
    edit(script, old, new)
    assert source_digest(script) == before


def test_a_docstring_that_an_imported_module_gains_does_not_count(script):
    before = source_digest(script)
    edit(script.parent / "parity" / "direct.py", "work(n):\n", 'work(n):\n    """Work."""\n')
    assert source_digest(script) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("script.py", "RATE = 1", "RATE = 2"),
        ("parity/direct.py", "min(", "max("),
        ("parity/indirect.py", "5", "6"),
        ("script.py", "RATE = 1", "RATE = '# 1'"),
    ],
    ids=["in the script", "directly imported", "indirectly imported", "a string like a comment"],
)
def test_changed_code_that_the_script_uses_counts(script, file, old, new):
    before = source_digest(script)
    edit(script.parent / file, old, new)
    assert source_digest(script) != before


def test_changed_code_that_the_script_does_not_use_does_not_count(script):
    before = source_digest(script)
    edit(script.parent / "parity" / "unrelated.py", "5", "6")
    (script.parent / "other.py").write_text("X = 1\n", encoding="utf-8")
    assert source_digest(script) == before


@pytest.mark.parametrize(
    "line",
    [
        "from parity import unrelated",
        "from parity import direct, unrelated as other",
        "from parity.unrelated import LIMIT",
        "import parity.unrelated",
        "import os, parity.unrelated as other",
        "def later():\n    from parity.unrelated import LIMIT\n    return LIMIT",
    ],
)
def test_every_way_of_importing_a_module_counts_it_in(script, line):
    edit(script, "RATE = 1", f"RATE = 1\n{line}")
    before = source_digest(script)
    edit(script.parent / "parity" / "unrelated.py", "5", "6")
    assert source_digest(script) != before


@pytest.mark.parametrize("line", ["from . import unrelated", "from .unrelated import LIMIT as OTHER"])
def test_every_way_of_importing_beside_a_module_counts_it_in(script, line):
    edit(script.parent / "parity" / "indirect.py", "LIMIT = 5", f"{line}\nLIMIT = 5")
    before = source_digest(script)
    edit(script.parent / "parity" / "unrelated.py", "5", "6")
    assert source_digest(script) != before


def test_a_module_of_several_stages_is_parsed_once_and_again_after_an_edit(script, monkeypatch):
    """A dry run works out the digest of every stage, and so does the start of every job."""
    parsed, parse = [], ast.parse
    monkeypatch.setattr(source_digest_module.ast, "parse", lambda text: parsed.append(text) or parse(text))
    direct, indirect = (script.parent / "parity" / f"{name}.py" for name in ("direct", "indirect"))
    # Texts that no other test has had parsed.
    for path in (script, direct, indirect):
        path.write_text(path.read_text(encoding="utf-8") + f"\nHERE = {str(path)!r}\n", encoding="utf-8")
    another = script.with_name("another.py")
    another.write_text(f"from parity.direct import work\nHERE = {str(another)!r}\n", encoding="utf-8")
    before = [source_digest(script), source_digest(another), source_digest(script)]
    assert len(parsed) == len(set(parsed)) == 4
    edit(indirect, "LIMIT = 5", "LIMIT = 6")
    after = [source_digest(script), source_digest(another), source_digest(script)]
    assert len(parsed) == 5
    assert before[0] == before[2] and after[0] == after[2] and not set(before) & set(after)


def test_modules_that_import_each_other_are_each_counted_once(script):
    edit(script.parent / "parity" / "indirect.py", "LIMIT = 5", "from . import direct\nLIMIT = 5")
    before = source_digest(script)
    edit(script.parent / "parity" / "indirect.py", "LIMIT = 5", "LIMIT = 6")
    assert source_digest(script) != before


def test_a_script_that_has_a_modules_name_counts_that_module_in(script):
    twin = script.with_name("direct.py")
    script.rename(twin)
    before = source_digest(twin)
    edit(script.parent / "parity" / "direct.py", "min(", "max(")
    assert source_digest(twin) != before


@pytest.mark.parametrize(
    ("stage", "module", "counts"),
    [
        ("prepare", "files", True),
        ("prepare", "tables", False),
        ("train", "training", True),
        ("train", "generation", False),
        ("train", "rouge", False),
        ("generate", "generation", True),
        ("generate", "training", False),
        ("baseline", "baselines", True),
        ("predictions", "predictions", True),
        ("score", "rouge", True),
        ("score", "rouge_backends", True),
        ("score", "metrics/rouge_points/rouge_points", False),
        ("score", "tables", False),
        ("aggregate", "tables", True),
        ("aggregate", "training", False),
        ("failures", "failures", True),
        ("failures", "rouge", False),
    ],
)
def test_a_stage_of_this_workflow_reruns_when_a_module_changes_only_if_it_uses_it(tmp_path, stage, module, counts):
    scripts = shutil.copytree(SCRIPTS, tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    before = source_digest(scripts / f"{stage}.py")
    with (scripts / "parity" / f"{module}.py").open("a", encoding="utf-8") as file:
        file.write("\nADDED = 1\n")
    assert (source_digest(scripts / f"{stage}.py") != before) is counts
