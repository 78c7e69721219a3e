"""The report of a study: one page, opened offline, with the verdict, the tables, the pictures, and what is missing."""

from __future__ import annotations

from collections.abc import Callable

from markdown_it import MarkdownIt
from markupsafe import Markup

from .comparison_pictures import contrasts_picture, means_picture, scores_picture, seeds_picture
from .config import contrasts_of
from .cost_pictures import cost_picture
from .cost_tables import cost_parts
from .examples import examples_section
from .failure_tables import failures_section, failures_table
from .grid_pictures import curves_picture, length_picture
from .human_results import human_section
from .page import Section, render, whole_page
from .pictures import Picture, inline_svg
from .reported import Reported
from .study_costs import spent_parts
from .tables import every_run, further_parts, primary_parts
from .verdict import verdict_parts
from .wording import counted, opening

PICTURES: tuple[Callable[[Reported], Picture], ...] = (
    means_picture,
    contrasts_picture,
    seeds_picture,
    scores_picture,
    cost_picture,
    length_picture,
    curves_picture,
)
# Logs of more would bury the rest of the page.
MOST_LOGS = 20


def pictures_of(study: Reported) -> dict[str, Picture]:
    """All pictures by name; none where nothing has scores."""
    return {picture.name: picture for picture in (draw(study) for draw in PICTURES)} if study.has_tables else {}


def report_page(study: Reported, pictures: dict[str, Picture]) -> str:
    """The page as text. The same study gives the same text."""
    found = [section for make in SECTIONS if (section := make(study, pictures)) is not None]
    head = opening(study.results, study.config) if study.has_tables else []
    title = f"{study.config['name']}: report" + (" on a part" if study.holes else "")
    return whole_page(title, found, opening=html(head))


def html(parts: list[str]) -> Markup:
    """Markdown as markup for a section: text that looks like HTML, a link or an image stays text."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "image", "autolink", "reference"])
    text = parser.render("\n\n".join(parts))
    # A page's sections have the headings of the second rank. Wide tables scroll alone.
    text = text.replace("<h2>", "<h3>").replace("</h2>", "</h3>")
    return Markup(text.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>"))


def shown(*pictures: Picture) -> Markup:
    """Pictures with their captions, side by side where there is room."""
    return render("pictures.html.j2", pictures=[(picture, picture.figure and inline_svg(picture)) for picture in pictures])


def unbroken_cells(anchor: str) -> str:
    """The style of a section whose tables hold numbers with intervals, a line each."""
    return f"#{anchor} td, #{anchor} th {{ white-space: nowrap; }}"


def holes_section(study: Reported, pictures: dict[str, Picture]) -> Section | None:
    if not study.holes:
        return None
    begun = [hole for hole in study.holes if hole.lines is not None]
    idle: dict[str, list[int]] = {}
    for hole in study.holes:
        if hole.lines is None and hole.method is not None:
            idle.setdefault(hole.method, []).append(hole.seed)
    values = {"begun": begun[:MOST_LOGS], "more": begun[MOST_LOGS:], "idle": idle, "runs": study.runs}
    n_missing = sum(hole.method is not None for hole in study.holes)
    is_there = counted(len(study.runs), "run")
    return Section("missing", "What is missing", render("holes.html.j2", **values, n_missing=n_missing, is_there=is_there))


def verdict_section(study: Reported, pictures: dict[str, Picture]) -> Section | None:
    if not study.has_tables:
        return None
    forest = shown(pictures["contrasts"])
    if study.holes:
        words = html(
            [
                "**No verdict yet.** Runs are missing, and a verdict on the part that happens to be there would be a look at the answer "
                "before the question is settled. Tables and pictures below hold what there is, and will change."
            ]
        )
        return Section("verdict", "Verdict", words + forest, style=unbroken_cells("verdict"))
    parts = verdict_parts(study.estimates, study.contrasts, study.config, study.human, study.look)
    # The picture beside the headlines, before their reasons.
    reasons = next((place for place, part in enumerate(parts) if part.startswith("## ")), len(parts))
    content = html(parts[:reasons]) + forest + html(parts[reasons:])
    return Section("verdict", "Verdict", content, style=unbroken_cells("verdict"))


def results_section(study: Reported, pictures: dict[str, Picture]) -> Section | None:
    if not study.has_tables:
        return None
    parts = [
        html(primary_parts(study.summary, study.config)),
        shown(pictures["means"], pictures["seeds"], pictures["scores"]),
        html(further_parts(study.summary, study.estimates, study.config)),
        render("every_run.html.j2", n_runs=len(study.results), table=html([every_run(study.results, study.config)])),
    ]
    return Section("results", "Results", Markup("").join(parts), style=unbroken_cells("results"))


def cost_section(study: Reported, pictures: dict[str, Picture]) -> Section | None:
    if not study.has_tables:
        return None
    # Its first part is the heading that the section has itself.
    tables = html([*cost_parts(study.summary)[1:], *spent_parts(study.summary, study.config)])
    return Section("cost", "Quality against cost", shown(pictures["cost"]) + tables, style=unbroken_cells("cost"))


def length_section(study: Reported, pictures: dict[str, Picture]) -> Section | None:
    return Section("length", "Quality against dialogue length", shown(pictures["length"])) if study.has_tables else None


def curves_section(study: Reported, pictures: dict[str, Picture]) -> Section | None:
    return Section("curves", "Learning curves", shown(pictures["curves"])) if study.has_tables else None


def people_section(study: Reported, pictures: dict[str, Picture]) -> Section | None:
    return human_section(study.human) if study.human else None


def failing_section(study: Reported, pictures: dict[str, Picture]) -> Section | None:
    if not study.has_tables:
        return None
    table = failures_table(((run.method, run.seed, run.rows) for run in study.summaries), study.records)
    return failures_section(table, study.config, has_examples=True)


def browser_section(study: Reported, pictures: dict[str, Picture]) -> Section | None:
    if not study.has_tables:
        return None
    return examples_section(study.records, study.summaries, study.methods, study.metric, contrasts_of(study.config))


def origin_section(study: Reported, pictures: dict[str, Picture]) -> Section | None:
    """Which code made the runs, and on what."""
    if not study.has_tables:
        return None
    results = study.results
    commits = sorted({f"{commit}{' with uncommitted changes' if dirty else ''}" for commit, dirty in _pairs(results)})
    devices = sorted(set(results[["train_device", "generate_device"]].stack().dropna()))
    return Section(
        "origin", "Where it comes from", render("origin.html.j2", commits=commits, devices=devices, config=study.config)
    )


def _pairs(results) -> list[tuple]:
    return list(results[["commit", "dirty"]].dropna(subset=["commit"]).itertuples(index=False, name=None))


# In this order; None leaves a section out.
SECTIONS: tuple[Callable[[Reported, dict[str, Picture]], Section | None], ...] = (
    holes_section,
    verdict_section,
    results_section,
    cost_section,
    length_section,
    people_section,
    failing_section,
    browser_section,
    curves_section,
    origin_section,
)
