"""Lets `python -m parity ...` run from this folder, installed or not. The library itself is workflow/scripts/parity."""

from pathlib import Path

__path__ = [str(Path(__file__).parents[1] / "workflow/scripts/parity")]
