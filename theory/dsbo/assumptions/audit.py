"""What Assumptions 3.1-3.4 and 5.2 admit: contradictions, dimensions, and a set that can be satisfied."""

from __future__ import annotations

from typing import Any

from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.assumptions.instances import ROWS, Coordinates, Reading, violations
from spiritlevel.theory.dsbo.witnesses import contradiction_witness, strongly_convex_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck


def clash(least: Any, most: Any, distance: Any) -> bool:
    """Whether what must grow with the distance passes what bounds it, far enough away.

    Examples
    --------
    >>> import sympy as sp
    >>> s, C = sp.symbols("s C", positive=True)
    >>> clash(s, 2 * C, s), clash(s, 2 * s + C, s)
    (True, False)
    """
    import sympy as sp

    return sp.limit(least - most, distance, sp.oo).is_extended_positive is True


def _check_contradict(ctx: Context) -> Finding:
    import sympy as sp

    mu, C, kappa, L, s, K, S1, S2 = sp.symbols("mu_g C_g kappa_g L_g s K S1 S2", positive=True)
    jensen = sp.simplify((S2 / K - 2 * (S1 / K) * S1 / K + (S1 / K) ** 2) - (S2 / K - (S1 / K) ** 2)) == 0
    excess = sp.expand((mu * s - 2 * C).subs(s, 2 * C / mu + 1))  # |grad(y + se) - grad(y)| - 2 C_g
    printed = clash(mu * s, 2 * C, s) and bool(excess > 0)
    without_i = clash(kappa * L * s, 2 * C, s)  # (v) alone: e'E[Hessian]e >= kappa_g L_g
    # on a ball of radius r: two ends of a diameter need 2 mu r <= 2 C, and the parabola around its centre has mu r
    r = sp.solve(2 * mu * s - 2 * C, s)[0]
    attained = sp.simplify(mu * r - C) == 0
    variance = clash(mu * s, (mu + L) * s, s)  # only |grad g(y + se) - grad g(y)| <= L_g s is left
    witness = contradiction_witness()
    holds = jensen and printed and recheck(witness).ok
    return Finding(
        verdict=Verdict.VACUOUS if holds else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=(
            "for every mu_g, C_g > 0: at distance 2 C_g/mu_g + 1 two gradients of g differ by 2 C_g + mu_g, though each is at most C_g"
            if holds
            else "no proof that (i) and (iv) contradict each other"
        )
        + f"; dropping (i) {'does not help, (v) implies it' if without_i else 'helps'}; on a ball of radius "
        f"{r if attained else '?'}, and no larger one, {'or with the variance bounded instead, ' if not variance else ''}there is no contradiction",
        numbers={
            "excess at distance 2 C_g/mu_g + 1": str(excess),
            "contradiction without (i)": without_i,
            "largest radius of a ball without contradiction": str(r),
            "contradiction with a variance bound": variance,
        },
        witness=witness if holds else None,
    )


CONTRADICT = Statement(
    id="dsbo/assumptions-contradict",
    paper=PAPER,
    location="Assumption 3.4 (i), (iv); Theorems 5.1 and 5.3",
    kind="qualitative",
    sentence="For problems with g strongly convex in y and E|grad_y g^k|^2 <= C_g^2 at all x and y, Theorems 5.1 and 5.3 bound "
    "DSBO's error.",
    formula=r"\|\nabla_y g(x,y)\| \ge \mu_g \|y - y^*(x)\|,\quad \mathbb E\|\nabla_y g^k(x,y;\xi)\|^2 \le C_g^2\ \forall y",
    because="A strongly convex function on all of R^d has no bounded gradient, so no problem satisfies Assumption 3.4. Charitable "
    "reading: (iv) bounds the variance (Section A.1 of the supplement, not available, may say so).",
    check=_check_contradict,
    expected=Verdict.VACUOUS,
)

DIMENSIONS = (1, 3, 4, 14, 100)


def _check_repaired(ctx: Context) -> Finding:
    found: dict[Reading, dict[int, tuple[str, ...]]] = {
        reading: {d: violations(Coordinates(d), reading) for d in DIMENSIONS}
        for reading in ("printed", "repaired")
    }
    broken = [d for d, rows in found["repaired"].items() if rows]
    return Finding(
        verdict=Verdict.REFUTED if broken else Verdict.PROVED,
        method=Method.RATIONAL,
        summary=f"no row of {', '.join(ROWS)} is violated for d_y in {', '.join(map(str, DIMENSIONS))}; as printed the same problems violate "
        f"{', '.join(found['printed'][1])} at d_y = 1 and {', '.join(found['printed'][100])} at d_y = 100"
        if not broken
        else f"violated at d_y = {broken[0]}: {', '.join(found['repaired'][broken[0]])}",
        numbers={
            f"{reading}, d_y = {d}": list(rows) for reading, by in found.items() for d, rows in by.items()
        },
        cases=2 * len(DIMENSIONS),
    )


REPAIRED = Statement(
    id="dsbo/repaired-assumptions",
    paper=PAPER,
    location="Assumptions 3.1-3.4 and 5.2",
    kind="qualitative",
    variant="added",
    sentence="With variances bounded in 3.3(iii) and in 3.4(iv) for the gradient, and spectral norms in 3.4(iv), (v), an explicit "
    "heterogeneous noisy quadratic problem satisfies 3.1-3.4 and 5.2, with d_y = 14 and 100 too.",
    because="Variances in place of second moments of gradients, spectral norms in place of Frobenius norms: a set that problems satisfy. "
    "Whether the proofs of Theorems 5.1 and 5.3 survive the exchange is not said; they are in the supplement.",
    check=_check_repaired,
    expected=Verdict.PROVED,
)


def uphill(gap: Any, mu: Any, L: Any, steps: Any) -> Any:
    """What is left of ``F - F*`` at least, after gradient steps uphill with step 1/L: Bernoulli's lower bound.

    One step gains ``|grad F|^2/(2L) >= (mu/L)(F - F*)``.
    """
    return gap * (1 + steps * mu / L)


def _check_constant(ctx: Context) -> Finding:
    import sympy as sp

    mu, L, G, D, n, h, g2 = sp.symbols("mu L G D n h g2", positive=True)
    gain = sp.expand((h * g2 - L * h**2 * g2 / 2).subs(h, 1 / L) - g2 / (2 * L)) == 0
    ceiling = G**2 / (2 * mu)  # 5.2
    count = sp.solve(uphill(D, mu, L, n) - ceiling, n)[0]
    left = sp.simplify(uphill(D, mu, L, count + L / mu) - ceiling)
    parts = {
        "the gain of a step": gain,
        "growth": clash(uphill(D, mu, L, n), ceiling, n),
        "the number of steps": left == D,
    }
    failed = [name for name, holds in parts.items() if not holds]
    return Finding(
        verdict=Verdict.INCONCLUSIVE if failed else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary=f"no proof: {' and '.join(failed)} is not as claimed"
        if failed
        else "steps uphill multiply F - F* by 1 + mu/L_F, but 5.2 and |grad F| <= C_f(1 + L_g/mu_g) keep it below "
        f"C_f^2(1 + L_g/mu_g)^2/(2 mu): from any point with F > F* the bound is passed by {left} at the latest after "
        f"(G^2/(2 mu D)) L_F/mu steps",
        numbers={"steps to the bound": str(count)},
    )


CONSTANT = Statement(
    id="dsbo/pl-constant",
    paper=PAPER,
    location="Assumptions 3.3, 3.4 (i)-(iii) and 5.2",
    kind="qualitative",
    variant="added",
    sentence="Under 3.3, 3.4 (i)-(iii) and the PL condition 5.2 on all of R^d, F is constant.",
    because="Bounded gradients and PL bound F - F*, which PL makes grow geometrically uphill; 3.4 (iv), (v) are not used. F has a Lipschitz "
    "gradient because all its parts are bounded and Lipschitz: 3.4(i) bounds the inverse Hessian and the slope of y*, 3.4(iii) the cross "
    "Hessian.",
    check=_check_constant,
    expected=Verdict.PROVED,
)


def _check_pl(ctx: Context) -> Finding:
    import sympy as sp

    C_f, L_g, mu_g, mu, s = sp.symbols("C_f L_g mu_g mu s", positive=True)
    bound = C_f + L_g * C_f / mu_g  # (3) with |grad f| <= C_f, |G_xy| <= L_g, |G_yy^-1| <= 1/mu_g
    excess = sp.simplify((mu * s - bound).subs(s, bound / mu + 1))
    witness = strongly_convex_witness()
    excluded = clash(mu * s, bound, s) and recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if excluded else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"|grad F| <= {sp.factor(bound)} everywhere, while mu-strong convexity passes it by {excess} at distance bound/mu + 1 "
        "from x*; the MDP objective with lambda = 1 is of this kind"
        if excluded
        else f"no proof that mu-strong convexity passes |grad F| <= {sp.factor(bound)}",
        numbers={"bound on |grad F|": str(sp.factor(bound))},
        witness=witness if excluded else None,
    )


PL = Statement(
    id="dsbo/pl-bounded-gradient",
    paper=PAPER,
    location="Section 1.2 ('subsuming strongly convex optimization'), Section 5.2 and Assumption 3.3 (iii)",
    kind="qualitative",
    sentence="Theorem 5.3 covers strongly convex objectives as a special case.",
    formula=r"\|\nabla F\| \le C_f (1 + L_g/\mu_g) \text{ against } \|\nabla F(x)\| \ge \mu \|x - x^*\|",
    because="Its Assumption 3.3(iii) bounds the gradient of F, which no strongly convex F on R^d allows; on a bounded set that holds the iterates one could, but the text has none.",
    check=_check_pl,
    expected=Verdict.REFUTED,
)
