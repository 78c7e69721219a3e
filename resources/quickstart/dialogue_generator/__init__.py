"""Made-up everyday dialogues with true summaries, drawn from a seed; see core.py for how a scene is written."""

from . import (
    scenes_family,
    scenes_food,
    scenes_home,
    scenes_services,
    scenes_shopping,
    scenes_social,
    scenes_travel,
    scenes_work,
)
from .core import SCENES, Dialogue, draw_dialogue, draw_references, write_summary

__all__ = [
    "SCENES",
    "Dialogue",
    "draw_dialogue",
    "draw_references",
    "scenes_family",
    "scenes_food",
    "scenes_home",
    "scenes_services",
    "scenes_shopping",
    "scenes_social",
    "scenes_travel",
    "scenes_work",
    "write_summary",
]
