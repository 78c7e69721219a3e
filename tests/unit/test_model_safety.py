"""A model's folder is data: nothing that came with it is run."""

from __future__ import annotations

import ast
import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from project import ROOT
from safetensors.torch import load_file

from parity.errors import InputError
from parity.methods import load_trained
from parity.model_safety import PICKLES, refuse_code_and_pickles
from parity.models import check_model_folder, load_model
from parity.safetensors_copy import copy_with_safetensors
from parity.tokens import load_tokenizer

TRAP = "modeling_trap.py"
PYTHON = [
    path
    for folder in ("workflow", "benchmarks", "resources/quickstart")
    for path in sorted((ROOT / folder).rglob("*.py"))
]  # fmt: skip


class Trap:
    """Writes a file where it is unpickled."""

    def __init__(self, place: Path):
        self.place = place

    def __reduce__(self):
        return Path.write_text, (self.place, "I was run")


@pytest.fixture
def folder(tiny_model, tmp_path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "model"))


@pytest.fixture
def sprung(tmp_path) -> Path:
    """A file that is there once the code of a trap has run."""
    return tmp_path / "sprung"


def refusal(call, *arguments) -> str:
    with pytest.raises(InputError) as error:
        call(*arguments)
    return str(error.value)


def set_trap(folder: Path, sprung: Path, file: str, **changes) -> None:
    """Let a config of `folder` ask for code of its own."""
    (folder / TRAP).write_text(f"open({str(sprung)!r}, 'w').write('I was run')\nclass Trap: pass\n")
    path = folder / file
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize("name", [pattern.replace("*", "pytorch_model") for pattern in PICKLES])
def test_a_pickle_beside_the_weights_is_refused_with_the_reason(folder, sprung, name):
    (folder / name).write_bytes(pickle.dumps(Trap(sprung)))
    assert refusal(check_model_folder, str(folder)) == (
        f"{folder / name}: a pickle, which can run any code when it is read. Parity reads weights from safetensors alone."
        " Remove it: the weights in safetensors beside it are enough"
    )
    assert not sprung.exists()


def test_a_model_of_pickled_weights_alone_is_refused_and_none_of_it_read(folder, sprung):
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Trap(sprung)))
    assert f"make safetensors MODEL={folder} TO=" in refusal(check_model_folder, str(folder))
    # Behind the check, the loader would not read it either.
    assert "the model cannot be loaded" in refusal(load_model, str(folder))
    assert not sprung.exists()


def test_a_pickled_adapter_in_a_runs_folder_is_refused(tiny_model, tmp_path, sprung):
    (tmp_path / "adapter_model.bin").write_bytes(pickle.dumps(Trap(sprung)))
    assert "a pickle" in refusal(load_trained, tiny_model, str(tmp_path), "peft")
    assert not sprung.exists()


@pytest.mark.parametrize("model_type", ["t5", "of_its_own"], ids=["a known type", "a type of its own"])
@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json"])
def test_a_model_that_wants_code_of_its_own_to_be_run_is_refused(folder, sprung, file, model_type):
    classes = ("AutoConfig", "AutoModelForSeq2SeqLM")
    auto_map = {name: f"{TRAP[:-3]}.Trap" for name in classes} | {"AutoTokenizer": [f"{TRAP[:-3]}.Trap", None]}
    set_trap(folder, sprung, file, auto_map=auto_map, **({"model_type": model_type} if file == "config.json" else {}))
    assert refusal(check_model_folder, str(folder)).startswith(f"{folder / file}: auto_map: this model wants code of its own")
    # Behind the check, nothing is asked on a terminal, and nothing run.
    for load in (load_model, load_tokenizer):
        try:
            load(str(folder))
        except InputError as error:
            assert "custom code" in str(error)
    assert not sprung.exists()


def test_a_folder_of_data_alone_is_taken(folder):
    refuse_code_and_pickles(folder)
    (folder / "config.json").write_text("{broken")
    refuse_code_and_pickles(folder)


def test_a_copy_in_safetensors_has_the_same_weights(folder, tmp_path):
    tensors = load_file(folder / "model.safetensors")
    torch.save(tensors, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    (folder / TRAP).write_text("raise SystemExit('I was run')")
    command = [sys.executable, "-m", "parity.safetensors_copy", str(folder), str(tmp_path / "a safe one")]
    done = subprocess.run(command, cwd=ROOT / "workflow" / "scripts", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    check_model_folder(str(tmp_path / "a safe one"))
    assert not list((tmp_path / "a safe one").glob("*.py"))
    copied = load_file(tmp_path / "a safe one" / "model.safetensors")
    assert all(torch.equal(copied[name], tensors[name]) for name in copied)
    load_model(str(tmp_path / "a safe one"))
    load_tokenizer(str(tmp_path / "a safe one"))


def test_a_copy_of_a_trap_is_refused_and_does_not_spring_it(folder, sprung, tmp_path):
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(tensors | {"shared.weight": Trap(sprung)}, folder / "pytorch_model.bin")
    assert "its weights cannot be read" in refusal(copy_with_safetensors, folder, tmp_path / "copy")
    assert not sprung.exists()
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize(
    ("has_weights", "has_target", "said"), [(False, False, "no pytorch_model.bin"), (True, True, "there already")]
)
def test_a_copy_of_nothing_or_over_something_is_refused(folder, tmp_path, has_weights, has_target, said):
    if has_weights:
        (folder / "pytorch_model.bin").write_bytes(b"")
    if has_target:
        (tmp_path / "copy").mkdir()
    assert said in refusal(copy_with_safetensors, folder, tmp_path / "copy")


def calls(path: Path) -> list[tuple[str, dict[str, ast.expr], str]]:
    """(what is called, its named arguments, where) of every call in a file."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            named = {keyword.arg or ast.unparse(keyword.value): keyword.value for keyword in node.keywords}
            found.append((ast.unparse(node.func), named, f"{path.relative_to(ROOT)}:{node.lineno}"))
    return found


def test_no_code_of_a_model_is_ever_trusted():
    workflow = [path for path in PYTHON if path.is_relative_to(ROOT / "workflow")]
    loads = [one for path in workflow for one in calls(path) if one[0].startswith("Auto") and ".from_" in one[0]]
    assert len(loads) > 6
    for _, named, where in loads:
        trusts = named.get("trust_remote_code")
        assert "SAFE" in named or (trusts is not None and ast.unparse(trusts) == "False"), where


def test_every_pickle_that_is_read_is_read_as_weights_only():
    loads = [one for path in PYTHON for one in calls(path) if one[0].split(".")[-1] in ("load", "loads")]
    for name, named, where in loads:
        if name == "torch.load":
            assert ast.unparse(named["weights_only"]) == "True", where
        assert name.split(".")[0] not in ("pickle", "joblib", "dill", "numpy", "np", "yaml"), where
    assert "torch.load" in {name for name, *_ in loads}


def test_no_text_is_run_as_code_or_by_a_shell():
    allowed = {
        "workflow/scripts/parity/warm.py": "exec",
        "workflow/slurm/snakemake_executor_plugin_parity_slurm/site_check.py": "eval",
    }
    for path in PYTHON:
        for name, named, where in calls(path):
            assert name not in ("os.system", "os.popen"), where
            assert "shell" not in named, where
            if name in ("eval", "exec"):
                assert allowed.get(str(path.relative_to(ROOT))) == name, where
