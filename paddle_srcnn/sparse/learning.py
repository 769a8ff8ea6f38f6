"""Training of both methods: a dictionary in passes over samples, and the linear maps of anchors.

Training goes on from any of its states. The same settings and images give the same bits, stopped or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from paddle_srcnn.errors import UserError
from paddle_srcnn.sparse.anchored import Anchors
from paddle_srcnn.sparse.coding import fitted, improved, matched, unit_rows
from paddle_srcnn.sparse.l1 import SWEEPS, Dictionaries
from paddle_srcnn.sparse.patches import FLAT
from paddle_srcnn.sparse.samples import Samples, draw_samples, principal_axes, resized

__all__ = ["METHODS", "Settings", "State", "learn", "model_of"]

SPARSITY = 3  # atoms in a code that trains anchors
NEIGHBOURS = 2048  # training samples from which an anchor's map is learned
RIDGE = 0.1  # of that regression
BLOCK = 16  # anchors between two states
SIZES = tuple(0.98**power for power in range(12))  # of the images that the maps are learned from
WEAKEST = 0.1  # least length of an atom's low part: one that is nearly all detail would be blown up


@dataclass(frozen=True)
class Settings:
    """All that a training depends on, apart from the images.

    Attributes
    ----------
    method : {"l1", "anchored"}
    scale : int
    atoms : int
        Atoms of a dictionary, or anchors.
    samples : int
        Patches drawn to train the dictionary; flat ones do not count afterwards.
    passes : int
        Passes over these patches.
    map_samples : int
        Patches drawn to learn maps from; 0 for l1, which has none.
    penalty : float
        Weight of the l1 norm during the training.
    least : float
        Length of features that a patch for the dictionary exceeds.
    seed : int
    """

    method: str
    scale: int
    atoms: int
    samples: int
    passes: int
    map_samples: int = 0
    penalty: float = 0.15
    least: float = FLAT
    seed: int = 0


METHODS = {
    "l1": Settings("l1", scale=3, atoms=512, samples=27_000, passes=8, least=0.3),
    "anchored": Settings("anchored", scale=3, atoms=1024, samples=200_000, passes=12, map_samples=5_500_000),
}


@dataclass(frozen=True)
class State:
    """State of a training.

    Attributes
    ----------
    stage : {"dictionary", "maps"}
    done, total : int
        Passes or anchors.
    arrays : dict of str to array
        ``projection`` and ``dictionary``; ``weight`` for l1; ``maps`` in the stage of this name.
    """

    stage: str
    done: int
    total: int
    arrays: dict[str, np.ndarray]


def learn(lumas: Sequence[np.ndarray], settings: Settings, state: State | None = None) -> Iterator[State]:
    """Train, and yield the state at the beginning of each stage, after each pass and after each block of maps.

    Parameters
    ----------
    lumas : sequence of (H, W) arrays of uint8
        Images to train on.
    settings : Settings
    state : State, optional
        State to go on from.

    Yields
    ------
    State
        Maps are written into one array, so a state with maps holds until the next one is asked for.

    Raises
    ------
    UserError
        If the images hold too few patches with detail.
    """
    if state is None or state.stage == "dictionary":
        for latest in _dictionary_states(lumas, settings, state):
            yield latest
        state = latest
    if settings.method == "anchored":
        yield from _map_states(lumas, settings, state)


def model_of(state: State, settings: Settings) -> Dictionaries | Anchors:
    """Make the model of a finished training."""
    projection, dictionary = state.arrays["projection"], state.arrays["dictionary"]
    if settings.method == "anchored":
        return Anchors(settings.scale, projection, dictionary, state.arrays["maps"])
    axes = projection.shape[1]
    low, high = dictionary[:, :axes], dictionary[:, axes:] / state.arrays["weight"]
    lengths = np.maximum(np.linalg.norm(low, axis=1, keepdims=True), np.float32(WEAKEST))
    return Dictionaries(settings.scale, projection, low / lengths, high / lengths)


def _dictionary_states(lumas: Sequence[np.ndarray], settings: Settings, state: State | None) -> Iterator[State]:
    hrs = resized(lumas, settings.scale, (1.0,))
    projection = principal_axes(hrs, settings.scale) if state is None else state.arrays["projection"]
    rng = np.random.default_rng(settings.seed)
    samples = draw_samples(hrs, settings.scale, projection, rng, most=settings.samples, least=settings.least)
    if len(samples.low) < settings.atoms:
        raise UserError(
            f"the images to train on give {len(samples.low)} patches with detail, fewer than {settings.atoms} atoms: "
            "use more or larger images, or fewer atoms",
            about="atoms",
        )
    arrays, vectors = {"projection": projection}, samples.low
    if settings.method == "l1":
        arrays["weight"], vectors = _joint(samples)
    if state is None:
        dictionary, first = unit_rows(vectors[rng.choice(len(vectors), settings.atoms, replace=False)]), 0
    else:
        dictionary, first = state.arrays["dictionary"], state.done
    yield State("dictionary", first, settings.passes, {**arrays, "dictionary": dictionary})
    for number in range(first, settings.passes):
        dictionary = _improved(dictionary, vectors, settings, np.random.default_rng((settings.seed, number)))
        yield State("dictionary", number + 1, settings.passes, {**arrays, "dictionary": dictionary})


def _joint(samples: Samples) -> tuple[np.ndarray, np.ndarray]:
    """Write features and detail of a sample as one vector, and give both parts the same energy."""
    high = samples.high.astype(np.float32)
    weight = np.float32(1 / np.sqrt(np.mean(np.sum(high**2, axis=1))))
    return np.array([weight]), np.hstack([samples.low, high * weight]) / np.float32(np.sqrt(2))


def _improved(dictionary: np.ndarray, vectors: np.ndarray, settings: Settings, rng: np.random.Generator) -> np.ndarray:
    """Code all samples, and fit the dictionary to the codes; samples replace atoms that no code uses."""
    if settings.method == "l1":
        return improved(dictionary, vectors, penalty=settings.penalty, sweeps=SWEEPS, seed=int(rng.integers(1 << 31)))
    codes = matched(vectors, dictionary, sparsity=SPARSITY)
    atoms = fitted(vectors, codes)
    unused = ~codes.any(axis=0)
    atoms[unused] = vectors[rng.integers(len(vectors), size=int(unused.sum()))]
    return unit_rows(atoms)


def _map_states(lumas: Sequence[np.ndarray], settings: Settings, state: State) -> Iterator[State]:
    scale, projection, anchors = settings.scale, state.arrays["projection"], state.arrays["dictionary"]
    rng = np.random.default_rng((settings.seed, settings.passes))
    samples = draw_samples(resized(lumas, scale, SIZES), scale, projection, rng, most=settings.map_samples)
    shape = (len(anchors), samples.low.shape[1], samples.high.shape[1])
    maps, first = np.zeros(shape, np.float32), 0
    if state.stage == "maps":
        maps, first = state.arrays["maps"].copy(), state.done
    yield State("maps", first, len(anchors), {**state.arrays, "maps": maps})
    for start in range(first, len(anchors), BLOCK):
        block = slice(start, start + BLOCK)
        maps[block] = [_map_around(likeness, samples) for likeness in np.abs(anchors[block] @ samples.low.T)]
        yield State("maps", min(block.stop, len(anchors)), len(anchors), {**state.arrays, "maps": maps})


def _map_around(likeness: np.ndarray, samples: Samples) -> np.ndarray:
    """Learn the linear map from features to detail from the samples that are most like an anchor."""
    nearest = np.sort(np.argpartition(likeness, -min(NEIGHBOURS, len(likeness)))[-NEIGHBOURS:])
    low, high = samples.low[nearest].astype(np.float64), samples.high[nearest].astype(np.float64)
    return np.linalg.solve(low.T @ low + RIDGE * np.eye(low.shape[1]), low.T @ high)
