"""Every row of the table of speed, printed and written to benchmarks/RESULTS.md.

    make bench                       # ONLY="training generation" for some
    .venv/bin/python -m benchmarks.speed [--only training ...]

Rows that are not measured this time are taken over from the file as they stand there, with their processor and date.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from datetime import UTC, datetime

from tabulate import tabulate

from .ground import ROOT, Missing

MODULES = ("training", "generation", "ctranslate2", "scoring", "startup", "dry_run", "runs")
FILE = ROOT / "benchmarks/RESULTS.md"
DATA = ROOT / "benchmarks/results.json"
COLUMNS = {
    "work": "Work",
    "against": "Against",
    "ours": "Ours",
    "theirs": "Theirs",
    "unit": "Unit",
    "ratio": "Ratio",
    "note": "How",
}


def measured(module: str) -> list[dict]:
    """The rows of a module, measured in a process of its own."""
    code = f"import json, benchmarks.speed.{module} as m; print(json.dumps(m.rows()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def page(found: dict[str, list[dict]]) -> str:
    """The file's text, a table a module and processor."""
    parts = [
        "# How fast Parity is",
        "Both sides of a row were timed in turn in one run. What each row does stands at the top of its module in "
        "`benchmarks/speed/`; what the figures mean, and what was tried and did not help, in "
        "[docs/PERFORMANCE.md](../docs/PERFORMANCE.md). `make bench` repeats all of it, `make bench ONLY=training` a part.",
        "No GPU was at hand: there is no column of one."
        if not any(part["machine"]["gpu"] for parts in found.values() for part in parts)
        else "Parts that ran on a GPU name it.",
    ]
    for module in MODULES:
        if module in found:
            parts.append(f"## `benchmarks/speed/{module}.py`")
        for part in found.get(module, []):
            machine = part["machine"]
            rows = [{title: _shown(row[key]) for key, title in COLUMNS.items()} for row in part["rows"]]
            parts += [
                tabulate(rows, headers="keys", tablefmt="pipe", disable_numparse=True),
                f"{machine['cores']} cores of {machine['processor']}, {machine['gpu'] or 'no GPU'}, {part['date']}",
            ]
    return "\n\n".join(parts) + "\n"


def _shown(value: str | float | None) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:.3g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=MODULES, default=MODULES)
    wanted = parser.parse_args().only
    import torch

    from parity.provenance import describe_machine

    machine = {key: describe_machine()[key] for key in ("processor", "cores")}
    machine["gpu"] = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    found = json.loads(DATA.read_text(encoding="utf-8")) if DATA.exists() else {}
    for module in wanted:
        importlib.import_module(f"benchmarks.speed.{module}")
        try:
            rows = measured(module)
        except subprocess.CalledProcessError as error:
            print(f"{module}: not measured ({error})", file=sys.stderr)
            continue
        except Missing as error:
            print(f"{module}: not measured ({error})", file=sys.stderr)
            continue
        elsewhere = [part for part in found.get(module, []) if part["machine"] != machine]
        found[module] = [*elsewhere, {"rows": rows, "machine": machine, "date": datetime.now(UTC).date().isoformat()}]
        print(tabulate([{key: row[key] for key in COLUMNS} for row in rows], headers="keys", tablefmt="github", floatfmt=".3g"))
        DATA.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        FILE.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
