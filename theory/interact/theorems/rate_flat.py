"""A problem on which the O(1/T) of Theorem 1 is not a linear rate in disguise."""

from __future__ import annotations

import numpy as np

from spiritlevel.core.driver import run
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import flat
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.instruments.slopes import local_slopes
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.interact.potential import measured
from spiritlevel.theory.plots import Curve, Plot, power_law, thinned
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

COARSEST = 0.03  # a tolerance above this would not tell the exponents apart from -1 and from each other


def flat_tail(power: float) -> Bilevel:
    """Five agents with ``y_i* = B_i x``, unequal B_i and opposed linear parts, started on the slope.

    Scalar and without offsets c_i, so that the corrections to the asymptotic power fall as quickly as they can.
    """
    slopes = [[[0.5]], [[0.75]], [[1.0]], [[1.25]], [[1.5]]]
    pulls = [[0.125], [-0.0625], [-0.125], [0.125], [-0.0625]]
    return flat([[[1.0]]] * 5, slopes, [[0.0]] * 5, b=pulls, power=power, x0=[1.0])


def exponent(power: float) -> float:
    r"""Exponent of :math:`|\ell'|^2` along gradient flow: ``x' ~ x^-(P+1)`` gives ``x ~ t^(1/(P+2))``.

    Examples
    --------
    >>> exponent(1.0)
    -1.3333333333333333
    """
    return -2 * (power + 1) / (power + 2)


def settled(slopes: Array, power: float) -> float:
    """A bound on the distance of the last of three dyadic slopes from its limit.

    The corrections fall like ``t^-2/(P+2)`` (even powers of 1/x) and like 1/t (start, finite steps): halving the
    slowest one leaves a geometric series, and the factor 3 is for corrections of opposite signs.
    """
    return 3 * float(np.abs(np.diff(slopes)).max()) / (2 ** (2 / (power + 2)) - 1)


def _check_flat(ctx: Context) -> Finding:
    T = ctx.pick(4096, 8192)
    distances, tolerances, seen, left = [], [], [], []
    curves: list[Curve] = []
    for power in ctx.pick((0.1, 1.0), (0.1, 0.3, 1.0, 3.0)):
        for text in ctx.pick(("path:5",), ("path:5", "ring:5")):
            problem = flat_tail(power)
            trace = run(
                ctx.algorithm("interact")(alpha=1 / power, beta=0.5),
                problem,
                named(text, "laplacian"),
                steps=T,
                record="all",
                metrics=(),
            )
            M = measured(problem, trace).metrics["stationarity"][0]
            if trace.stopped is not None or not M[-1] > 0:
                return Finding(
                    verdict=Verdict.REFUTED,
                    method=Method.RUNS,
                    summary=f"P = {power} on {text}: {trace.stopped or f'M_T is {M[-1]:g}'}",
                )
            at = T // np.array([8, 4, 2, 1])
            slopes = local_slopes(at, M[at])
            seen.append(float(slopes[-1]))
            distances.append(abs(seen[-1] - exponent(power)))
            tolerances.append(settled(slopes, power))
            to_come = T * float(M[-1]) / (-exponent(power) - 1)
            left.append(to_come / (to_come + float(M.sum())))
            if text == "path:5":
                t = np.array(thinned(T)) + 1
                curves.append(Curve(f"P = {power:g}: slope {slopes[-1]:.4f} over [T/2, T]", t, M[t]))
                label = f"predicted: slope {exponent(power):.4f}"
                curves.append(power_law(label, t[len(t) // 3 :], exponent(power), (T, float(M[T]))))
    tolerance, worst = largest(tolerances), largest(d - t for d, t in zip(distances, tolerances, strict=True))
    strictly = all(-2 + t < s < -1 - t for s, t in zip(seen, tolerances, strict=True))
    verdict = decide(worst <= 0 and strictly, worst, tolerance)
    if worst <= 0 and not tolerance < COARSEST:
        verdict = Verdict.INCONCLUSIVE
    return Finding(
        verdict=verdict,
        method=Method.RUNS,
        summary=f"slopes of log M_t over [T/2, T], T = {T}: {', '.join(f'{s:.4f}' for s in seen)}, at most {max(distances):.4f} "
        f"from -2(P+1)/(P+2); up to {100 * max(left):.0f} % of the sum of M_t is still to come at T",
        numbers={
            "slopes": seen,
            "distances": distances,
            "tolerances": tolerances,
            "coarsest_tolerance": COARSEST,
            "share_of_the_sum_after_T": left,
            "T": T,
        },
        cases=len(seen),
        audit=audit((*A1, *A2), [flat_tail(1.0)]),
        figures=(
            Plot(
                title="The metric on flat tails, five agents on a path",
                x_label="iteration t",
                y_label="metric M (11)",
                curves=tuple(curves),
                log="xy",
                caption="M follows a power of t between 1/t and 1/t^2, so that the mean over T is O(1/T) without a linear rate.",
            ),
        ),
    )


RATE_FLAT = Statement(
    id="interact/rate-flat",
    paper=PAPER,
    location="Theorem 1's rate on a problem without a minimiser",
    kind="rate",
    variant="added",
    sentence="Where the objective has a flat tail (1 + x^2)^(-P/2), all assumptions hold and M_t decays like the power "
    "-2(P+1)/(P+2) of t that gradient flow predicts, strictly between 1/t and 1/t^2: the mean over T is O(1/T) with no "
    "linear rate behind it.",
    formula=r"\mathfrak M_t = t^{-2(P+1)/(P+2) + o(1)}",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_flat,
    expected=Verdict.SUPPORTED,
)
