"""Wrong versions of Argus's estimate and cuts, (5)-(7) and (21)-(26), each by one small change."""

from __future__ import annotations

import numpy as np

from spiritlevel.core.cuts import Cuts
from spiritlevel.core.lower_estimate import LowerRounds
from spiritlevel.core.numbers import Array
from spiritlevel.theory.argus.planted.parts import Pieces
from spiritlevel.theory.planted import Planted


class CutSign(Pieces):
    """Cuts keep the wrong side."""

    def signed(self, a: Array, b: Array, c: Array) -> tuple[Array, Array, Array]:
        """Negated."""
        return -a, -b, -c


class NoEps(Pieces):
    """(26) without eps."""

    def offset(self, h: Array, linear: Array) -> Array:
        """h <= 0."""
        return h - linear


class WrongOffset(Pieces):
    """(26) adds the linear part."""

    def offset(self, h: Array, linear: Array) -> Array:
        """The other sign."""
        return h + linear - self.eps


class HalfSquare(Pieces):
    """(25) with lambda_1 for 2 lambda_1."""

    def slope(self, off: Array) -> Array:
        """Without the 2."""
        return np.asarray(np.sign(off) + self.lambda_1 * off)


class PlusInX(Pieces):
    """(24) with the other sign."""

    def sloped_x(self, product: Array) -> Array:
        """As if h were of y + y*."""
        return product


class NoDerivative(Pieces):
    """y* counts as constant in (24)."""

    def sloped_x(self, product: Array) -> Array:
        """Zero."""
        return product * 0


class OpenCuts(Pieces):
    """The own variables are missing in h and in the cuts."""

    def closed(self, near: Array) -> Array:
        """Open neighbourhoods."""
        return near - np.eye(near.shape[-1], dtype=int)


class OneZero(Pieces):
    """A cut is removed after one zero."""

    def idle(self, cuts: Cuts) -> Array:
        """Now."""
        return np.asarray(cuts.lam == 0)


class NeverRemoved(Pieces):
    """Cuts are never removed."""

    def idle(self, cuts: Cuts) -> Array:
        """None."""
        return np.zeros(cuts.lam.shape, dtype=bool)


class Always(Pieces):
    """A cut is added where h <= eps, too."""

    def wanted(self, h: Array) -> Array:
        """Everyone."""
        return np.ones(h.shape, dtype=int)


class LastUpdateMissing(Pieces):
    """Cuts are frozen one iteration early."""

    def due(self, t: int) -> bool:
        """t + 1 < T_1."""
        return t % self.iota == 0 and t < self.T_1


class EarlyUpdates(Pieces):
    """t mod iota for (t + 1) mod iota; unseen for iota = 1."""

    def due(self, t: int) -> bool:
        """Off by one."""
        return (t - 1) % self.iota == 0 and t - 1 < self.T_1


class Rounds(Pieces):
    """The estimate's rounds by other settings."""

    def rounds(self) -> LowerRounds:
        """Changed by `changed`."""
        settings = {
            "K": self.K,
            "eta": self.eta_y,
            "eta_phi": self.eta_phi,
            "mu": self.mu,
            "scaled": self.prox == "scaled",
        }
        return LowerRounds(**(settings | self.changed()))

    def changed(self) -> dict[str, object]:
        """Nothing."""
        return {}


class OneRoundMore(Rounds):
    """K + 1 rounds."""

    def changed(self) -> dict[str, object]:
        """One more."""
        return {"K": self.K + 1}


class HalfPenalty(Rounds):
    """mu for 2 mu: the gradient of (14)'s kind, one agent's; unseen where y agrees."""

    def changed(self) -> dict[str, object]:
        """Half."""
        return {"mu": self.mu / 2}


class PhiDescends(Rounds):
    """phi enters with the other sign: phi_ji - phi_ij; unseen for K = 1."""

    def changed(self) -> dict[str, object]:
        """Descent in (6) has the same effect."""
        return {"eta_phi": -self.eta_phi}


class OtherWeight(Rounds):
    """The two weights of the proximal map in (5) change places; unseen without r."""

    def changed(self) -> dict[str, object]:
        """The other reading."""
        return {"scaled": self.prox != "scaled"}


PLANTED = (
    Planted("cut-sign", "cuts with the other sign", CutSign),
    Planted("no-eps", "(26) without eps", NoEps),
    Planted("wrong-offset", "(26) with a plus", WrongOffset),
    Planted("half-square", "lambda_1 for 2 lambda_1 in (25)", HalfSquare),
    Planted("plus-in-x", "(24) with a plus", PlusInX),
    Planted("no-derivative", "y* constant in (24)", NoDerivative),
    Planted("open-cuts", "the own copy missing in h and the cuts", OpenCuts),
    Planted("one-zero", "cuts removed after one zero", OneZero),
    Planted("never-removed", "cuts never removed", NeverRemoved),
    Planted("always", "cuts added where h <= eps", Always),
    Planted("early-freeze", "T_1 one too small", LastUpdateMissing),
    Planted("early-updates", "t for t + 1 in the condition with iota", EarlyUpdates),
    Planted("one-round-more", "K + 1 rounds of the estimate", OneRoundMore),
    Planted("half-penalty", "mu for 2 mu in (5)", HalfPenalty),
    Planted("phi-transposed", "phi_ji - phi_ij in (5)", PhiDescends),
    Planted("other-weight", "the weights of (5)'s proximal map exchanged", OtherWeight),
)
