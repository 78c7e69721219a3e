"""What a stage's code is, in one digest, so that a stage reruns when code that it uses changes and at no other edit."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from .files import digest


def source_digest(script: Path) -> str:
    """SHA-256 over a script and all modules of the package `parity` that it imports, directly or not.

    Comments, docstrings and layout do not count: a cosmetic edit must not cost a GPU job. A folder that is imported
    counts with every module in it.
    """
    script = Path(script)
    sources: dict[Path, str] = {}
    _collect(script, script.parent / "parity", sources)
    return digest({path.relative_to(script.parent).as_posix(): source for path, source in sources.items()})


def _collect(path: Path, package: Path, sources: dict[Path, str]) -> None:
    if path in sources:
        return
    sources[path], imported = _read(path.read_text(encoding="utf-8"))
    for name in imported:
        if (package / f"{name}.py").is_file():
            _collect(package / f"{name}.py", package, sources)
        for module in sorted((package / name).rglob("*.py")):
            _collect(module, package, sources)


@cache
def _read(text: str) -> tuple[str, frozenset[str]]:
    """A module's code without docstrings, and what it imports. Most modules are part of several stages: each is read once."""
    tree = ast.parse(text)
    imported = frozenset(_imported_modules(tree))
    return _without_docstrings(tree), imported


def _imported_modules(tree: ast.AST) -> set[str]:
    """First names below `parity` of everything a module imports: `from .files import x`, `from parity.files import x` ..."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                names |= {module.split(".")[0]} if module else {alias.name for alias in node.names}
            elif module == "parity":
                names |= {alias.name for alias in node.names}
            elif module.startswith("parity."):
                names.add(module.split(".")[1])
        elif isinstance(node, ast.Import):
            names |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("parity.")}
    return names


def _without_docstrings(tree: ast.AST) -> str:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)
