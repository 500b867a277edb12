r"""The random affine map of a step that draws samples, read off it by enumerating what it can draw.

Given its draws, one step on a quadratic finite sum is an affine map: a matrix :math:`G(\omega)` acting on
:math:`(z, 1)`. Draws are independent, every agent's draw adds its own change to ``G``, and a batch enters as
the mean over its samples. So every outcome of one sample of one agent is put to the algorithm's own `step`,
with the basis vectors as replicas, and

.. math:: E[G \otimes G] = \bar G \otimes \bar G + \sum_i \tfrac{1}{S} \operatorname{Cov}(G_i).

None of this is taken on trust: random joint draws of whole batches at random states must give what the
enumerated parts add up to. `second_moments` says what becomes of :math:`E[z_t z_t^T]`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, Field, convert, field_of
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.core.samples import Picks, Sampler, Scripted
from spiritlevel.theory.instruments.affine import Layout, NotAffine, basis, probe_function
from spiritlevel.theory.instruments.outcomes import Apply, Asked, asked, outcomes, position, zeros

LARGEST = 1 << 22  # evaluations of a step for one agent: all outcomes of its draw times all basis vectors
_CHUNK = 1 << 14
_TRIALS = 24


@dataclass(frozen=True)
class Part:
    """What one agent's draw of ``batch`` samples adds to ``G``: a change for every outcome of one sample.

    ``many`` says how many equally likely outcomes each of them stands for, shape ``(C,)``; ``change`` has
    shape ``(C, D, B)``.
    """

    batch: int
    many: Array
    change: Array

    @property
    def centre(self) -> Array:
        """The mean change, ``(D, B)``."""
        return np.tensordot(self.many, self.change, axes=1) / int(self.many.sum())


@dataclass(frozen=True)
class RandomMap:
    """A random matrix ``G`` without its constant last row, shape ``(D, B)``: ``base`` plus independent parts.

    For a step ``B = D + 1`` and ``(z, 1)`` goes in; for a start ``B = 1`` and only the 1. ``C`` holds the
    functionals of the state that the algorithm declares conserved, shape ``(k, D)``.
    """

    base: Array
    parts: tuple[Part, ...]
    layout: Layout
    C: Array

    @property
    def outcomes(self) -> int:
        """How many outcomes of one agent's draw were told apart; 1 if nothing is drawn."""
        return max((len(part.many) for part in self.parts), default=1)

    @property
    def mean(self) -> Array:
        """E G, shape ``(D, B)``."""
        total = self.base
        for part in self.parts:
            total = total + part.centre
        return total

    def products(self) -> Array:
        """``E[G_ai G_bj]`` at ``[a, i, b, j]``, shape ``(D, B, D, B)``."""
        D, B = self.base.shape
        G = self.mean
        product = np.multiply.outer(G, G).reshape(D * B, D * B)
        for part in self.parts:
            flat = (part.change - part.centre).reshape(len(part.many), -1)
            used = np.nonzero((flat != 0).any(axis=0))[0]
            kept = flat[:, used]
            covariance = (kept * part.many[:, None]).T @ kept / (int(part.many.sum()) * part.batch)
            product[np.ix_(used, used)] = product[np.ix_(used, used)] + covariance
        return product.reshape(D, B, D, B)

    def within(self, columns: Array, origin: Array) -> RandomMap:
        """The map in floats, in coordinates ``w`` with ``z = origin + columns w``; orthonormal columns.

        Every outcome is moved before anything is squared: what vanishes at the origin then vanishes up to
        rounding of its own size.
        """
        D, B = self.base.shape
        into, shift = np.ones((1, 1)), np.zeros((D, 1))
        if B > 1:
            into = np.zeros((B, columns.shape[1] + 1))
            into[:D, :-1], into[:D, -1], into[D, -1] = columns, origin, 1.0
            shift = np.zeros((D, into.shape[1]))
        shift[:, -1] = origin
        parts = tuple(
            dataclasses.replace(p, change=columns.T @ convert(p.change, "float") @ into) for p in self.parts
        )
        base = columns.T @ (convert(self.base, "float") @ into - shift)
        return RandomMap(base, parts, self.layout, self.C[:, :0])


def random_map(algorithm: Algorithm, problem: SolvedProblem, network: Network, t: int = 1) -> RandomMap:
    """Iteration ``t`` as a random affine map, in the number system of the problem's start.

    Raises
    ------
    NotAffine
        If random joint draws differ from what the enumerated single samples add up to.
    ValueError
        If some outcome changes a quantity that the algorithm declares conserved.
    InputError
        If there are too many outcomes to enumerate.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.svr_interact import SVRInteract
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_finite_sum
    >>> problem = random_finite_sum(seed=1, n=2, p=1, q=1, samples=4)
    >>> svr = SVRInteract(K=2, L_g=problem.sample_constants.L_g)
    >>> [random_map(svr, problem, named("path:2"), t).outcomes for t in (1, 2)]
    [80, 1]
    """
    setting = _Setting.of(algorithm, problem, network, None, None)
    size = setting.layout.size
    C, _ = probe_function(
        lambda z: setting.algorithm.conserved(setting.layout.unflatten(z), setting.net), size, setting.number
    )
    found = _enumerate(setting.step(t), setting.single().step(t), size, setting, C)
    if C.size:
        kept = convert(C @ found.base, "float")
        kept[:, :-1] -= convert(C, "float")
        leak = max(abs(kept).max(), *(_largest(C @ part.change) for part in found.parts), 0.0)
        if leak > 1e-9 * (1 + _largest(found.base)):
            raise ValueError(
                f"a quantity declared conserved is not: some outcome of a step changes it by {leak:.3g}"
            )
    return found


def random_maps(
    algorithm: Algorithm, problem: SolvedProblem, network: Network, times: Sequence[int]
) -> tuple[RandomMap, ...]:
    """`random_map` for several iterations; one that random joint draws do not tell from an earlier one is it."""
    setting = _Setting.of(algorithm, problem, network, None, None)
    found: list[RandomMap] = []
    for t in times:
        for earlier in found:
            try:
                _verify(setting.step(t), earlier, setting)
            except NotAffine:
                continue
            found.append(earlier)
            break
        else:
            found.append(random_map(algorithm, problem, network, t))
    return tuple(found)


def random_start(
    algorithm: Algorithm,
    problem: SolvedProblem,
    network: Network,
    x0: Array | None = None,
    y0: Array | None = None,
) -> RandomMap:
    """The state before the first step, as a random map of nothing: ``B = 1``.

    Parameters
    ----------
    x0, y0
        Start, shapes ``(n, p)`` and ``(n, q)``; the problem's own by default.
    """
    setting = _Setting.of(algorithm, problem, network, x0, y0)
    empty = convert(np.zeros((0, setting.layout.size), dtype=int), setting.number)
    return _enumerate(setting.init, setting.single().init, 0, setting, empty)


def _largest(a: Array) -> float:
    return float(abs(convert(a, "float")).max(initial=0.0))


@dataclass(frozen=True)
class _Setting:
    """An algorithm on a problem and a network, as functions of vectors and samplers."""

    algorithm: Algorithm
    problem: SolvedProblem
    net: Gossip
    x: Array
    y: Array
    layout: Layout
    number: Field

    @classmethod
    def of(
        cls,
        algorithm: Algorithm,
        problem: SolvedProblem,
        network: Network,
        x0: Array | None,
        y0: Array | None,
    ) -> _Setting:
        algorithm.require(problem, network)
        x, y = (own if z is None else z for own, z in zip(problem.start(), (x0, y0), strict=True))
        number = field_of(x)
        a, net = algorithm.over(number), Gossip(network.over(number))
        layout = Layout.of(a.init(x[None], y[None], Oracle(problem, sampler=Asked(1)), net))
        return cls(a, problem, net, x, y, layout, number)

    def single(self) -> _Setting:
        """The same with batches of one sample."""
        if not any(f.name == "S" for f in dataclasses.fields(self.algorithm)):  # type: ignore[arg-type]
            return self
        return dataclasses.replace(self, algorithm=dataclasses.replace(self.algorithm, S=1))  # type: ignore[type-var]

    def step(self, t: int) -> Apply:
        def apply(z: Array, sampler: Sampler) -> Array:
            o = Oracle(self.problem, sampler=sampler)
            return self.layout.flatten(self.algorithm.step(t, self.layout.unflatten(z), o, self.net))

        return apply

    def init(self, z: Array, sampler: Sampler) -> Array:
        x, y = (np.broadcast_to(v, (len(z), *v.shape)) for v in (self.x, self.y))
        o = Oracle(self.problem, sampler=sampler)
        return self.layout.flatten(self.algorithm.init(x, y, o, self.net))


def _enumerate(whole_batch: Apply, one: Apply, size: int, setting: _Setting, C: Array) -> RandomMap:
    inputs = basis(size, setting.number)
    draws, B = asked(whole_batch, inputs[:1]), len(inputs)

    def read(picks: Sequence[Picks], count: int) -> Array:
        out = one(np.tile(inputs, (count, 1)), Scripted(picks))
        out = np.array(np.broadcast_to(out, (count * B, out.shape[1]))).reshape(count, B, -1)
        out[:, 1:] = out[:, 1:] - out[:, :1]
        return np.roll(out, -1, axis=1).swapaxes(1, 2)

    def reference(count: int) -> list[Picks]:
        return [zeros(count * B, n, 1, K) for _, n, _, K in draws]

    base = read(reference(1), 1)[0]
    parts: list[Part] = []
    for d, (N, n, S, K) in enumerate(draws):
        if sum(N ** (k + 2) for k in range(K)) * B > LARGEST:
            raise InputError(f"K is {K} with {N} terms: too many outcomes to enumerate; give a smaller K")
        *columns, many = outcomes(N, K)
        for i in range(n):
            pieces = []
            for low in range(0, len(many), max(1, _CHUNK // B)):
                xi, zeta, k = (
                    np.repeat(c[..., low : low + max(1, _CHUNK // B)], B, axis=-1) for c in columns
                )
                picks = reference(len(k) // B)
                picks[d].xi[:, i, 0], picks[d].zeta[:, :, i, 0], picks[d].k[:, i, 0] = xi, zeta, k
                pieces.append(read(picks, len(k) // B) - base)
            parts.append(Part(S, many, np.concatenate(pieces)))
    found = RandomMap(base, tuple(parts), setting.layout, C)
    _verify(whole_batch, found, setting)
    return found


def _verify(whole_batch: Apply, found: RandomMap, setting: _Setting) -> None:
    """Random batches for all agents at random states against the sum of the enumerated parts."""
    rng, R, B = np.random.default_rng(0), _TRIALS, found.base.shape[1]
    z = convert(rng.integers(-4, 5, (R, B - 1)), setting.number)
    draws = asked(whole_batch, z[:1])
    if [p.batch for p in found.parts] != [S for _, n, S, _ in draws for _ in range(n)]:
        raise NotAffine("the step asks for other draws than the enumerated one")
    G = np.repeat(found.base[None], R, axis=0)
    picks, parts = [], iter(found.parts)
    for N, n, S, K in draws:
        xi, zeta, k = (rng.integers(0, top, (lead, R, n, S)) for lead, top in ((1, N), (K, N), (1, K)))
        picks.append(Picks(xi[0], zeta, k[0]))
        where = position(N, K, xi[0], zeta, k[0])
        for i in range(n):
            G = G + next(parts).change[where[:, i]].sum(axis=1) / S
    expected = (G[:, :, :-1] * z[:, None]).sum(axis=-1) + G[:, :, -1]
    gap = abs(whole_batch(z, Scripted(picks)) - expected)
    tolerance = 0 if gap.dtype == object else 1e-9 * (1 + abs(expected).max())
    if (gap > tolerance).any():
        raise NotAffine(
            "a step with random draws is not the sum of what single samples of single agents do: it is not affine "
            "in the state, not a mean over its batch, or reads more of a draw than (22) does"
        )
