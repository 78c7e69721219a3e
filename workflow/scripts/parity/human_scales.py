"""What raters are asked."""

LOW, HIGH = 1, 5
# Name of a scale -> what a rater is asked, and what its two ends mean.
SCALES = {
    "relevance": {
        "question": "Does it say what matters in the dialogue, and nothing else? What the dialogue does not say counts against it.",
        "low": "beside the point",
        "high": "all to the point",
    },
    "coherence": {
        "question": "Does it read well as one text: clear who does what, sentences that follow from each other?",
        "low": "cannot be followed",
        "high": "clear throughout",
    },
    "coverage": {
        "question": "How much of what matters in the dialogue does it hold?",
        "low": "next to nothing",
        "high": "all of it",
    },
}
# What a rater answers who finds neither of two summaries better.
TIE = "tie"
