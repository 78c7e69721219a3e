"""What a stage's code is, in one digest, so that a stage reruns when code that it uses changes and at no other edit."""

from __future__ import annotations

import ast
from pathlib import Path

from .files import digest


def source_digest(script: Path) -> str:
    """SHA-256 over a script and all modules of the package `parity` that it imports, directly or not.

    Comments, docstrings and layout do not count: a cosmetic edit must not cost a GPU job.
    """
    sources: dict[str, str] = {}
    _collect(Path(script), Path(script).parent / "parity", sources)
    return digest(sources)


def _collect(path: Path, package: Path, sources: dict[str, str]) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    sources[path.name] = _without_docstrings(tree)
    for name in _imported_modules(tree):
        for module in (package / f"{name}.py", package / name / "__init__.py"):
            key = module.name if module.parent == package else name
            if module.is_file() and key not in sources:
                _collect(module, package, sources)


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
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            body[0].value.value = None
    return ast.unparse(tree)
