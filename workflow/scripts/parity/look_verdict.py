"""What the verdict says of the looks at a study whose seeds were added until its questions were settled."""

from __future__ import annotations

from .adaptive_seeds import EQUIVALENCE, NONINFERIORITY, SUPERIORITY
from .wording import counted, number, points

KINDS = {"obrien_fleming": "O'Brien-Fleming-like", "pocock": "Pocock-like"}


def rules_of_looks(look: dict, config: dict) -> str:
    """What was declared before the first look."""
    margin = config["comparison"]["margin"]
    asked = "; ".join(f"{_question(question)}" for question in look["questions"])
    declared = f" A loss of {points(margin)} is declared not to matter." if margin is not None else ""
    over = f", adjusted after Holm over the {len(look['questions'])} questions" if len(look["questions"]) > 1 else ""
    return (
        f"Confirmatory: {asked}.{declared} Seeds were added until these questions were settled, with at most "
        f"{counted(look['planned_looks'], 'look')} at the data, planned before the first. Something is established at p of at most 0.05 "
        f"over all looks together ({KINDS[look['spending']]} alpha spending){over}. p above 0.05 is never evidence of parity. All else, in "
        "`contrasts.csv`, is exploratory; which method is the best of all is not judged."
    )


def look_verdict(look: dict) -> list[str]:
    """The section on the looks: how many there were, what was spent, and why they ended."""
    seeds = ", ".join(f"`{name}` {count}" for name, count in look["seeds"].items())
    sentences = [
        f"{counted(look['look'], 'look')} of at most {look['planned_looks']} {'was' if look['look'] == 1 else 'were'} taken, and "
        f"{number(100 * look['alpha_spent'], 2)} of the 5 % of error spent. The looks ended because {look['stopped']}. Seeds: {seeds}.",
        "The looks and what they found stand in `looks/`. What was spent is spent: seeds that are deleted and run again are not looked at "
        "again for free, and what is named below for open questions would be a study of its own.",
    ]
    if look["not_counted"]:
        sentences.append(
            f"{counted(look['not_counted'], 'look')} {'was' if look['not_counted'] == 1 else 'were'} taken once more, on other scores, with "
            "nothing left to spend: what they show is not counted."
        )
    return ["## The looks", "\n".join(f"- {sentence}" for sentence in sentences)]


def _question(question: dict) -> str:
    method, reference = (f"`{name}`" for name in question["contrast"])
    return {
        SUPERIORITY: f"which of {method} and {reference} is better",
        NONINFERIORITY: f"whether {method} is non-inferior to {reference}",
        EQUIVALENCE: f"whether {method} and {reference} are equivalent",
    }[question["question"]]
