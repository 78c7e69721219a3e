"""One file that opens offline: pages made of sections, with every text escaped and a policy that lets no foreign script run."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

TEMPLATES = Path(__file__).parents[2] / "report"


@dataclass(frozen=True)
class Section:
    """A part of a page.

    Attributes:
        anchor: its id in the page, by which others link to it.
        title: its heading.
        html: its content. Markup only, such as `render` returns: plain text in it would be escaped.
        style: CSS of its own, with selectors under `#<anchor>`.
        script: JavaScript of its own, run when the page has been read; a plain script, wrapped in a function.
    """

    anchor: str
    title: str
    html: Markup
    style: str = ""
    script: str = ""


def render(template: str, **values: Any) -> Markup:
    """workflow/report/<template> with every value escaped that is not Markup. Raises UndefinedError for a value that is missing."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return Markup(environment.get_template(template).render(**values))


def read_part(name: str) -> str:
    """A style or script of workflow/report/."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def embedded_data(name: str, value: Any) -> Markup:
    """`value` as JSON for scripts, read by JSON.parse(document.getElementById(name).textContent).

    No text of it can end its element: < and > are written as JSON's \\u003c and \\u003e.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return Markup(f'<script type="application/json" id="{name}">') + Markup(text) + Markup("</script>")


def whole_page(title: str, sections: list[Section], *, opening: Markup | str = "", has_contents: bool = True) -> str:
    """The page as text.

    Its Content-Security-Policy allows no request at all and of scripts those of the sections alone, by their digests.

    Args:
        title: what the browser shows, and the page's heading.
        sections: in this order.
        opening: what stands between heading and sections.
        has_contents: whether a list of the sections stands at its head.
    """
    scripts = [f"(() => {{\n{section.script}\n}})();" for section in sections if section.script]
    digests = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts)
    policy = (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {digests or chr(39) + 'none' + chr(39)}; "
        "base-uri 'none'; form-action 'none'"
    )
    style = "\n".join([read_part("page.css"), *(section.style for section in sections if section.style)])
    return str(
        render(
            "page.html.j2",
            title=title,
            sections=sections,
            opening=opening,
            has_contents=has_contents,
            policy=policy,
            style=Markup(style),
            scripts=[Markup(script) for script in scripts],
        )
    )
