"""Every row of the table of speed, printed and written to benchmarks/RESULTS.md.

    make bench                       # ONLY="training generation" for some
    .venv/bin/python -m benchmarks.speed [--only training ...]

Rows that are not measured this time are taken over from the file as they stand there, with their date.
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


def page(found: dict) -> str:
    """The file's text, a table a module."""
    parts = [
        "# How fast Parity is",
        "Both sides of a row were timed in turn in one run. What each row does stands at the top of its module in "
        "`benchmarks/speed/`; what the figures mean, and what was tried and did not help, in "
        "[docs/PERFORMANCE.md](../docs/PERFORMANCE.md). `make bench` repeats all of it, `make bench ONLY=training` a part.",
        "No GPU was at hand: there is no column of one."
        if not any(part["machine"]["gpu"] for part in found.values())
        else "Parts that ran on a GPU name it.",
    ]
    for module in MODULES:
        if module in found:
            part = found[module]
            machine = part["machine"]
            rows = [{title: _shown(row[key]) for key, title in COLUMNS.items()} for row in part["rows"]]
            where = (
                f"{machine['cores']} cores of {machine['processor']}, plain bf16 product {machine['bf16_gflops']:.0f} GFLOP/s, "
                f"{machine['gpu'] or 'no GPU'}, {part['date']}"
            )
            parts += [
                f"## `benchmarks/speed/{module}.py`",
                tabulate(rows, headers="keys", tablefmt="pipe", disable_numparse=True),
                where,
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

    from parity.flops import matmul_flops
    from parity.provenance import describe_machine

    machine = {key: describe_machine()[key] for key in ("processor", "cores")}
    machine["bf16_gflops"] = matmul_flops("bf16", 2048) / 1e9
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
        found[module] = {"rows": rows, "machine": machine, "date": datetime.now(UTC).date().isoformat()}
        print(tabulate([{key: row[key] for key in COLUMNS} for row in rows], headers="keys", tablefmt="github", floatfmt=".3g"))
        DATA.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        FILE.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
