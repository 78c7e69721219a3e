"""From a folder that a run left, or a copy of it, to what writes its summaries."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .config import GENERATING_KINDS, study_folder
from .errors import InputError
from .files import read_json

OPTION = "--model"
ADAPTER = "adapter_config.json"


@dataclass(frozen=True)
class TrainedRun:
    """
    Attributes:
        record: its rouge.json.
        base: the folder of the base model.
        trained: the folder with the adapter or the fine-tuned model; None for the base model as it is.
    """

    record: dict
    base: str
    trained: str | None


def find_run(folder: str, base: str | None = None) -> TrainedRun:
    """The run whose model lies in `folder`: results/<study>/<method>/seed-<n>/model, the folder above it, or an exported one.

    Args:
        base: the base model's folder; None for where the study had it, looked for from here and from the run's project.
    Raises:
        InputError: there is no run, the model is not the run's, or its base model is not there or is another one.
    """
    place = Path(folder)
    if not place.is_dir():
        raise InputError(f"{OPTION} {folder}", "no such folder", "Name a run: results/<study>/<method>/seed-<n>/model")
    record_file = next((file for file in _record_files(place) if file.is_file()), None)
    if record_file is None:
        is_model = (place / "config.json").is_file() or (place / ADAPTER).is_file()
        problem = (
            "is a model, but rouge.json, which says how the run reads and writes, is not beside it"
            if is_model
            else "holds no run"
        )
        remedy = (
            "Finish the study, or copy the whole folder of the run"
            if is_model
            else "Name results/<study>/<method>/seed-<n>/model"
        )
        raise InputError(f"{OPTION} {folder}", problem, remedy)
    record = read_json(record_file)
    if record.get("kind") not in GENERATING_KINDS:
        raise InputError(
            f"{OPTION} {folder}", f"{record.get('method')} has no model (kind {record.get('kind')})", "Name a trained run"
        )
    if "task" not in record:
        problem = "was written by an earlier Parity, which did not note the prompt"
        raise InputError(str(record_file), problem, "Run snakemake on the study: it scores the runs again")
    trained = _trained_folder(place, record)
    return TrainedRun(record, _base_folder(record, base, record_file), trained)


def _record_files(place: Path) -> tuple[Path, ...]:
    return place / "rouge.json", place.parent / "rouge.json", place / "records/rouge.json"


def _trained_folder(place: Path, record: dict) -> str | None:
    from .models import weight_bytes

    if record["kind"] == "zero_shot":
        return None
    folder = place if weight_bytes(place) else place / "model"
    if not weight_bytes(folder):
        raise InputError(f"{OPTION} {place}", "no weights there", "Run snakemake on the study: it trains the run again")
    other = (
        f"is not the model of {record['method']} seed {record['seed']} of the study {record['study']}, whose record lies with it"
    )
    remedy = "Copy model and records of one run together"
    if (folder / ADAPTER).is_file() != (record["kind"] == "peft"):
        raise InputError(
            f"{OPTION} {place}", f"{other}: that one is {'an adapter' if record['kind'] == 'peft' else 'a whole model'}", remedy
        )
    if weight_bytes(folder) != record["training"]["bytes_on_disk"]:
        sizes = f"{weight_bytes(folder):,} bytes of weights, where the run left {record['training']['bytes_on_disk']:,}"
        raise InputError(f"{OPTION} {place}", f"{other}: {sizes}", remedy)
    if record["kind"] == "peft" and (problem := _unlike_settings(read_json(folder / ADAPTER), record["settings"]["peft"])):
        raise InputError(f"{OPTION} {place}", f"{other}: {problem}", remedy)
    return str(folder)


def _unlike_settings(adapter: dict, settings: dict) -> str | None:
    for key, value in settings.items():
        found = adapter.get(key)
        same = sorted(found) == sorted(value) if isinstance(value, list) and isinstance(found, list) else found == value
        # PEFT fills in, renames or upper-cases the rest of what a config may say.
        if key in adapter and isinstance(value, int | float | list) and not same:
            return f"{key} = {found}, where the run had {value}"
    return None


def _base_folder(record: dict, base: str | None, record_file: Path) -> str:
    from .models import model_digest

    named = study_folder(record["task"], "model")
    if record["kind"] == "full":
        return named
    # A run lies in <project>/results/<study>/<method>/seed-<n>.
    projects = [Path(), *record_file.resolve().parents[3:]]
    tried = [Path(base)] if base else [project / named for project in projects]
    found = next((folder for folder in tried if (folder / "config.json").is_file()), None)
    if found is None:
        where = f"--base {base}" if base else named
        raise InputError(where, f"the base model of the study {record['study']} is not there", "Name its folder: --base FOLDER")
    expected = record["provenance"]["digests"]["model"]
    if (digest := model_digest(found)) != expected:
        raise InputError(
            str(found),
            f"is not the base model of {record['method']} of the study {record['study']}: its files have the digest {digest[:12]} ...,"
            f" the run was made with {expected[:12]} ...",
            "Name the folder of that one: --base FOLDER",
        )
    return str(found)
