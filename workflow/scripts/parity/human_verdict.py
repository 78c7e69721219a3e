"""What people say, in sentences for every page: who judged, what they prefer, and whether ROUGE says the same."""

from __future__ import annotations

from .human_summary import AGREES, CONTRADICTS, DIFFERS, FLAGGED, OPEN, PEOPLE_ONLY, ROUGE_ONLY
from .wording import counted, metric_name, number

# Krippendorff 2004, *Content Analysis*: below it not even tentative conclusions.
TENTATIVE_ALPHA = 0.667
FINDINGS = {
    CONTRADICTS: "{metric} establishes the opposite",
    DIFFERS: "{metric} orders them the other way, within its interval",
    AGREES: "{metric} establishes the same",
    PEOPLE_ONLY: "{metric} does not tell them apart for sure",
    ROUGE_ONLY: "the raters do not confirm the difference that {metric} establishes",
    OPEN: "neither the raters nor {metric} tell them apart for sure",
    None: "{metric} cannot be compared: one of the two is references by people",
}


def human_verdict(summary: dict) -> list[str]:
    """The verdict's part on a human evaluation, as Markdown paragraphs.

    Every confirmatory contrast has its sentence, and every other pair on which raters and ROUGE disagree.
    """
    pairs = [pair for pair in summary["pairs"] if pair["is_confirmatory"] or pair["finding"] in FLAGGED]
    lines = [f"- {pair_sentence(pair, summary)}" for pair in pairs]
    if not pairs:
        lines = ["- No confirmatory contrast is among the methods that were judged, and no pair is flagged."]
    return [
        "## What people say",
        f"{who(summary)} {scope(summary)}",
        "\n".join([*lines, *(f"- {text}" for text in cautions(summary))]),
    ]


def who(summary: dict) -> str:
    """Who judged how much."""
    return (
        f"{counted(len(summary['raters']), 'rater')} judged summaries of {counted(summary['n_dialogues'], 'test dialogue')}, blind to "
        f"the method: {counted(summary['n_ratings'], 'rating')} from 1 to 5 and {counted(summary['n_preferences'], 'preference')}."
    )


def scope(summary: dict) -> str:
    """What the intervals speak of."""
    them = "this rater" if len(summary["raters"]) == 1 else "these raters"
    return (
        f"[a, b] is a 95 % interval for {them} on new dialogues; it does not speak of other raters. None is adjusted for the number of "
        "pairs, and all of it is exploratory: nothing here changes the verdict on ROUGE."
    )


def pair_sentence(pair: dict, summary: dict) -> str:
    """Two methods in one sentence, with a flag in front where people and ROUGE disagree."""
    method, reference = f"`{pair['method']}`", f"`{pair['reference']}`"
    parts = []
    if rate := pair["win_rate"]:
        parts.append(
            f"{method} is preferred to {reference} in {percent(rate)} of {counted(rate['n_judgements'], 'comparison')} (no difference "
            "counts one half)"
        )
    subject = "its" if parts else f"{method} against {reference}: its"
    gap = pair["difference"]
    if gap["value"] is not None:
        sign = "higher" if gap["value"] > 0 else "lower"
        parts.append(f"{subject} ratings are {number(abs(gap['value']), 2)} {sign} {bounds(gap)}".strip())
    metric = metric_name(summary["metric"])
    parts.append(FINDINGS[pair["finding"]].format(metric=metric) + _rouge(pair))
    flag = f"**Raters and {metric} disagree.** " if pair["finding"] in FLAGGED else ""
    return f"{flag}{'; '.join(parts)}."


def _rouge(pair: dict) -> str:
    return (
        f" ({number(pair['rouge']['difference'], 2)} points {bounds(pair['rouge'])})".replace(" )", ")") if pair["rouge"] else ""
    )


def cautions(summary: dict) -> list[str]:
    """What a reader has to know before believing any of it."""
    found = []
    alphas = [row for row in summary["estimates"] if row["quantity"] == "alpha" and row["value"] is not None]
    low = [f"{row['scale']} {number(row['value'], 2)} {bounds(row)}".strip() for row in alphas if row["value"] < TENTATIVE_ALPHA]
    if len(summary["raters"]) == 1:
        found.append("One rater cannot show whether others would agree.")
    elif low:
        found.append(
            f"The raters agree little (Krippendorff's alpha below {TENTATIVE_ALPHA}: {', '.join(low)}): they may have understood the "
            "scales differently."
        )
    if summary["silent_raters"]:
        found.append(f"No ratings came from {', '.join(summary['silent_raters'])}.")
    if summary["n_ratings"] < summary["n_ratings_of_full_sheets"]:
        found.append(
            f"The sheets were not rated in full: {summary['n_ratings']:,} of {summary['n_ratings_of_full_sheets']:,} ratings are there."
        )
    if summary["changed_runs"]:
        found.append(
            f"Since the sheets were made, summaries have been written anew ({', '.join(summary['changed_runs'])}): people judged the "
            "earlier ones."
        )
    return found


def percent(rate: dict) -> str:
    """'61 % [52, 69]'."""
    shown = {name: None if rate[name] is None else 100 * rate[name] for name in ("value", "low", "high")}
    return f"{number(shown['value'], 0)} % {bounds(shown, 0)}".strip()


def bounds(estimate: dict, digits: int = 2) -> str:
    """'[0.10, 0.52]', or nothing where there is no interval."""
    low, high = estimate["low"], estimate["high"]
    return "" if low is None or high is None else f"[{number(low, digits)}, {number(high, digits)}]"
