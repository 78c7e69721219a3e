"""The installed packages: known vulnerabilities (pip-audit) and licences. python -m tools.audit [--write]

Ends with status 1 where a vulnerability is known, where the database could not be asked, or where a pin or its licence is
missing in docs/DEPENDENCIES.md; --write puts the licences there.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs" / "DEPENDENCIES.md"
ROW = re.compile(r"^\| ([A-Za-z0-9._-]+) \| ([^|]*) \| ([^|]+) \|$", re.M)
UNKNOWN = "not said"


def main(arguments: list[str]) -> int:
    """The exit status."""
    if "--write" in arguments:
        TABLE.write_text(with_licences(TABLE.read_text(encoding="utf-8")), encoding="utf-8")
    print_licences()
    problems = [*table_problems(TABLE.read_text(encoding="utf-8")), *vulnerabilities()]
    print(*problems, sep="\n")
    return 1 if problems else 0


def table_problems(text: str) -> list[str]:
    """What is missing in the table of docs/DEPENDENCIES.md, which has a row of every pin, with its licence and what it is for."""
    rows = {name: licence for name, licence, _ in ROW.findall(text) if name != "package"}
    problems = [f"docs/DEPENDENCIES.md has no row of {name}" for name in sorted(set(pins()) - set(rows))]
    problems += [f"docs/DEPENDENCIES.md has a row of {name}, which nothing pins" for name in sorted(set(rows) - set(pins()))]
    problems += [
        f"docs/DEPENDENCIES.md names no licence of {name}: make audit WRITE=1" for name, licence in rows.items() if not licence
    ]
    return problems


def with_licences(text: str) -> str:
    """The table with the licence of each package that is pinned and installed."""

    def row_with_licence(row: re.Match) -> str:
        licence = row[2]
        if row[1] in pins():
            with contextlib.suppress(PackageNotFoundError):
                licence = licence_of(distribution(row[1]))
        return f"| {row[1]} | {licence} | {row[3]} |"

    return ROW.sub(row_with_licence, text)


def pins() -> dict[str, str]:
    """The version of every package that a requirements file pins."""
    lines = [line for path in sorted(ROOT.glob("requirements*.txt")) for line in path.read_text(encoding="utf-8").splitlines()]
    return dict(line.strip().split("==") for line in lines if re.match(r"[A-Za-z0-9]", line))


def licence_of(package: Distribution) -> str:
    """What a package says of its licence: an SPDX expression where it has one, or else its classifiers or its own words."""
    said = package.metadata
    if expression := said.get("License-Expression"):
        return expression
    classifiers = [
        line.split(" :: ")[-1] for line in said.get_all("Classifier", []) if line.startswith("License :: OSI Approved :: ")
    ]
    if classifiers:
        return ", ".join(sorted(classifiers))
    words = (said.get("License") or "").strip().split("\n")[0].strip()
    return words if 0 < len(words) <= 60 else UNKNOWN


def print_licences() -> None:
    """All packages that are installed, those too that others brought along, by licence."""
    by_licence = defaultdict(set)
    for package in distributions():
        by_licence[licence_of(package)].add(package.name)
    for licence, names in sorted(by_licence.items(), key=lambda item: (-len(item[1]), item[0])):
        print(f"{len(names):4} {licence}: {', '.join(sorted(names, key=str.lower))}")


def vulnerabilities() -> Iterator[str]:
    """A sentence for every known vulnerability of an installed package, and one where some could not be asked for.

    pip-audit calls "no known vulnerabilities" what it could not ask for, too.
    """
    command = [sys.executable, "-m", "pip_audit", "--local", "--skip-editable", "--format=json", "--progress-spinner=off"]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except ValueError:
        yield f"pip-audit gave no answer: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}"
        return
    for package in found:
        for known in package.get("vulns", ()):
            fixed = f"; fixed in {', '.join(known['fix_versions'])}" if known["fix_versions"] else ""
            yield f"{package['name']} {package['version']}: {known['id']}{fixed}"
    if skipped := [package["name"] for package in found if "could not be audited" in package.get("skip_reason", "")]:
        yield f"of {len(skipped)} of {len(found)} packages the database could not be asked: {', '.join(skipped[:5])} ..."
    print(f"{sum('vulns' in package for package in found)} packages were looked up in the database of vulnerabilities")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
