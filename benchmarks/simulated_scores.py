"""Made-up scores of studies whose true means are known, and real scores drawn again: what coverage.py holds intervals against.

Every study has `means`, the true mean of each method over all seeds and dialogues in points, and `draw`, which gives each
method's scores on one draw of seeds and dialogues.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy import optimize, special, stats

from parity.comparison import read_study
from parity.stats import MethodScores

N_DIALOGUES = 500
# Standard deviations in points as the runs of docs/RESULTS.md on DialogSum's 500 test dialogues show them on ROUGE-1.
DIALOGUE_SD, INTERACTION_SD, RESIDUAL_SD = 8.0, 3.3, 4.6
N_REFERENCES = 3
# Gauss-Hermite nodes for the mean of a function of a normal variable.
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(80)


@dataclass(frozen=True)
class Method:
    """What a normal study knows of a method.

    Attributes:
        mean: points, over all seeds and dialogues.
        n_seeds: 0 where no seed changes the method: then it has neither a seed effect nor a residual.
        seed_sd: standard deviation of the seed effect, in points.
    """

    mean: float
    n_seeds: int
    seed_sd: float = 0.0


@dataclass(frozen=True)
class NormalStudy:
    """Score = mean + seed + dialogue + method x dialogue + residual, all normal and independent."""

    methods: tuple[Method, ...]
    n_dialogues: int = N_DIALOGUES

    @property
    def means(self) -> tuple[float, ...]:
        return tuple(method.mean for method in self.methods)

    def draw(self, generator: np.random.Generator) -> list[MethodScores]:
        dialogues = generator.normal(0, DIALOGUE_SD, self.n_dialogues)
        return [MethodScores(self._scores(method, dialogues, generator)) for method in self.methods]

    def _scores(self, method: Method, dialogues: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        own = method.mean + dialogues + generator.normal(0, INTERACTION_SD, self.n_dialogues)
        if not method.n_seeds:
            return own[None]
        seeds = generator.normal(0, method.seed_sd, (method.n_seeds, 1))
        return own + seeds + generator.normal(0, RESIDUAL_SD, (method.n_seeds, self.n_dialogues))


@dataclass(frozen=True)
class OverlapStudy:
    """Scores that are skewed, bounded and discrete as ROUGE is, from counts of shared n-grams.

    A reference and a summary share Binomial(the shorter one's n-grams, p) n-grams, and F = 200 x shared / (both lengths),
    averaged over three references. logit(p) = method + seed + dialogue + method x dialogue + residual, all normal.
    Lengths do not depend on p, so that the true mean is E[200 x shorter / both lengths] x E[p]: a sum over all pairs of
    lengths times a Gauss-Hermite integral, exact but for rounding. The methods' logits are solved for the `means` asked for.

    Attributes:
        means: points, a method.
        order: n of the n-grams.
        dialogue_sd, interaction_sd, residual_sd: on the logit scale.
        n_seeds: of each method.
        seed_sd: standard deviation over seeds of the true means, in points, to first order.
    """

    means: tuple[float, ...]
    order: int
    dialogue_sd: float
    interaction_sd: float
    residual_sd: float
    n_seeds: int = 5
    seed_sd: float = 0.35
    n_dialogues: int = N_DIALOGUES

    def draw(self, generator: np.random.Generator) -> list[MethodScores]:
        references = 4 + generator.negative_binomial(4, 0.2, (self.n_dialogues, N_REFERENCES)) - (self.order - 1)
        dialogues = generator.normal(0, self.dialogue_sd, self.n_dialogues)
        return [MethodScores(self._scores(*logit, references, dialogues, generator)) for logit in self._logits]

    def _scores(
        self, logit: float, seed_sd: float, references: np.ndarray, dialogues: np.ndarray, generator: np.random.Generator
    ) -> np.ndarray:
        shape = (self.n_seeds, self.n_dialogues)
        own = logit + dialogues + generator.normal(0, self.interaction_sd, self.n_dialogues)
        seeds = generator.normal(0, seed_sd, (self.n_seeds, 1))
        p = special.expit(own + seeds + generator.normal(0, self.residual_sd, shape))
        lengths = 8 + generator.poisson(10, self.n_dialogues) + generator.poisson(4, shape)
        summaries = lengths[:, :, None] - (self.order - 1)
        shared = generator.binomial(np.minimum(summaries, references), p[:, :, None])
        return (200 * shared / (summaries + references)).mean(axis=2)

    @cached_property
    def _logits(self) -> list[tuple[float, float]]:
        """(logit, standard deviation of its seed effect) a method."""
        solved = []
        for mean in self.means:
            logit = self._logit_of(mean, self._sd_but_seeds)
            slope = _normal_mean(lambda x: special.expit(x) * special.expit(-x), logit, self._sd_but_seeds)
            seed_sd = self.seed_sd / (self._most_points * slope)
            solved.append((self._logit_of(mean, np.hypot(self._sd_but_seeds, seed_sd)), seed_sd))
        return solved

    def _logit_of(self, mean: float, sd: float) -> float:
        """The centre of normal logits whose mean score is `mean`."""
        return optimize.brentq(lambda logit: self._most_points * _normal_mean(special.expit, logit, sd) - mean, -20, 20)

    @property
    def _sd_but_seeds(self) -> float:
        return float(np.linalg.norm([self.dialogue_sd, self.interaction_sd, self.residual_sd]))

    @cached_property
    def _most_points(self) -> float:
        """The mean score if every n-gram that can be shared were."""
        extra = np.arange(400)
        reference, summary = (4 + extra - (self.order - 1))[:, None], 8 + extra - (self.order - 1)
        probability = stats.nbinom.pmf(extra, 4, 0.2)[:, None] * stats.poisson.pmf(extra, 10 + 4)
        return float((probability * 200 * np.minimum(reference, summary) / (reference + summary)).sum())


def _normal_mean(function, centre: float, sd: float) -> float:
    return float(WEIGHTS @ function(centre + sd * NODES) / WEIGHTS.sum())


@dataclass(frozen=True, eq=False)
class ResampledStudy:
    """Real scores, taken for all the scores there are: new dialogues and seeds are drawn from them.

    Dialogues are drawn with replacement, the same ones for all methods. A new seed takes each dialogue's score from one of
    the real seeds at random, times 1 + d with one normal d a seed, whose standard deviation makes that of the seeds' true
    means `seed_sd` points.

    Attributes:
        scores: a method, shape (real seeds, real dialogues).
        n_seeds: seeds to draw of each method.
    """

    scores: tuple[np.ndarray, ...]
    n_seeds: int = 5
    seed_sd: float = 0.35
    n_dialogues: int = N_DIALOGUES

    @cached_property
    def means(self) -> tuple[float, ...]:
        return tuple(float(scores.mean()) for scores in self.scores)

    def draw(self, generator: np.random.Generator) -> list[MethodScores]:
        dialogues = generator.integers(self.scores[0].shape[1], size=self.n_dialogues)
        drawn = []
        for scores, mean in zip(self.scores, self.means, strict=True):
            real_seeds = generator.integers(len(scores), size=(self.n_seeds, self.n_dialogues))
            factor = 1 + generator.normal(0, self.seed_sd / mean, (self.n_seeds, 1))
            drawn.append(MethodScores(scores[real_seeds, dialogues] * factor))
        return drawn


def real_scores(study: Path, methods: tuple[str, ...], metric: str) -> tuple[np.ndarray, ...]:
    """Scores of every seed of the methods of a finished study in results/, the method with the lowest mean first."""
    runs = [(method, path) for method in methods for path in sorted((study / method).glob("seed-*/scores.csv"))]
    of_metric = read_study(runs, deterministic=set()).scores[metric]
    return tuple(sorted((of_metric[method].values for method in methods), key=np.mean))
