r"""The right-hand sides of (33) and (54) as formulas, with :math:`c_k^t = 1/(\eta\sqrt{t+1})`."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def letters() -> dict[str, Any]:
    """Symbols by name, all positive; ``F`` stands for F^{T_1+2} less the least L_p, ``late`` for T_1."""
    import sympy as sp

    names = "N M L k_1 tau alpha_1 alpha_2 sigma_1 sigma_2 F eta T late c"
    found = {name: sp.Symbol(name, positive=True) for name in names.split()}
    found["gap"] = sp.Symbol("gap", positive=True)  # 1 - rho
    return found


def brackets() -> tuple[Any, Any]:
    """The brackets of (33) and (54), without p/(T - 1)."""
    import sympy as sp

    a = letters()
    N, M, eta, a1, a2, s1, s2, F = (
        a[k] for k in ("N", "M", "eta", "alpha_1", "alpha_2", "sigma_1", "sigma_2", "F")
    )

    def c(t: int) -> Any:
        return 1 / (eta * sp.sqrt(t + 1))

    steps = c(0) / c(1) + c(1) / c(2)
    main = F + M * N * c(1) * a1 / 2 + N**2 * c(1) * a2 / 2 + 4 * M * N / eta * steps * a1
    main += 4 * N**2 / eta * steps * a2 + 4 * M * N * c(1) ** 2 * a1 + 4 * N**2 * c(1) ** 2 * a2
    main += 6 * M * N / eta * s1**2 + 6 * N**2 / eta * s2**2 + c(2) * M * N / 2 * a1 + c(2) * N**2 / 2 * a2
    end = F / (N**2 * M) + c(1) * a1 / (2 * N) + c(1) * a2 / (2 * M) + 4 / (N * eta) * steps * a1
    end += 4 / (M * eta) * steps * a2 + 5 * c(1) ** 2 * a1 + 5 * c(1) ** 2 * a2
    end += 6 / (N * eta) * s1**2 + 6 / (M * eta) * s2**2 + c(1) / (2 * N) * a1 + c(1) / (2 * M) * a2
    return main, end


def p_factors() -> tuple[Any, ...]:
    """p_2 to p_6 (p_7 is p_6); p is the largest."""
    import sympy as sp

    a = letters()
    N, L, k, eta, gap, both = a["N"], a["L"], a["k_1"] * a["tau"], a["eta"], a["gap"], a["N"] + a["M"]
    return (
        8 / eta * (2 / N + k + 3 * both / sp.Integer(32)),
        (256 * L**2 * k + 32 * L**2 + 24 * L**2 * both) * 8 * eta,
        ((96 * L**2 * k + 9 * L**2 * both) / gap + 32 * L**2) * 8 * eta,
        (64 * k * L + 6 * L * both) / gap + 16 / N,
        3 / eta,
    )


def powers(expression: Any) -> tuple[int, Any]:
    """The highest power of 1/eta in a polynomial in eta and 1/eta, with its factor.

    Examples
    --------
    >>> eta = letters()["eta"]
    >>> powers(3 / eta**2 + 1 / eta)
    (2, 3)
    """
    import sympy as sp

    eta = letters()["eta"]
    u = sp.Symbol("u", positive=True)
    shifted = sp.Poly(sp.expand(sp.expand(expression).subs(eta, 1 / u) * u**4), u)
    return shifted.degree() - 4, sp.factor(shifted.LC())
