"""A recipe and its parts: everything that determines a run, apart from the images themselves."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.network import Network
from paddle_srcnn.protocols import ARTICLE, Protocol
from paddle_srcnn.protocols.defects import Defect

__all__ = [
    "BASIC",
    "RGB",
    "Gaussian",
    "Grid",
    "He",
    "Pretrained",
    "Published",
    "RandomPatches",
    "Recipe",
    "Schedule",
    "vary",
]

BASIC = Architecture(filters=(9, 1, 5), widths=(64, 32))
RGB = Architecture(filters=(9, 1, 5), widths=(64, 32), channels=3)


@dataclass(frozen=True)
class Published:
    """A published result: PSNR on Set5, under the protocol of its own source."""

    psnr_db: float
    source: str


@dataclass(frozen=True)
class Grid:
    """Patches on the article's grid, all of them in each epoch.

    Parameters
    ----------
    shuffle : bool
        Draw a new order for each epoch. Otherwise patches come in the order in which the reader cuts them.
    """

    shuffle: bool = False


@dataclass(frozen=True)
class RandomPatches:
    """Patches at random positions, for the protocol ``paper``.

    Parameters
    ----------
    count : int
        Patches of an epoch.
    augment : bool
        Rotate and flip each patch at random.
    sizes : tuple of float
        Factors by which training images are downscaled to further ground truths; 1 is the image itself.
    defect : Jpeg or Noise, optional
        Defect of the downscaled images, for networks of luma that remove it.
    patch : int
        Side of the input patches, in pixels.
    """

    count: int
    augment: bool = False
    sizes: tuple[float, ...] = (1.0,)
    defect: Defect | None = None
    patch: int = 33


@dataclass(frozen=True)
class Gaussian:
    """First weights from one normal distribution, as in the article; biases are 0."""

    std: float = 0.001


@dataclass(frozen=True)
class He:
    """First weights from each layer's own normal distribution, see `paddle_srcnn.model.parameters.initial_parameters`.

    Parameters
    ----------
    identity : bool
        Let the first filters pass the input on, so that the untrained network returns its input. ESPCN's compute the
        bicubic enlargement of it.
    """

    identity: bool = False


@dataclass(frozen=True)
class Pretrained:
    """First weights from a bundled network: of one channel for three, or of smaller filters for larger ones."""

    name: str


@dataclass(frozen=True)
class Schedule:
    """Length and steps of a training; the defaults are the article's.

    Parameters
    ----------
    epochs : int
        Passes over the training patches.
    batch_size : int
        Patches per step; the last batch of an epoch may be smaller.
    learning_rates : tuple of float
        The optimiser's rate for each layer's weights and biases.
    optimizer : {"adam", "sgd"}
        ``"sgd"`` has the paper's momentum of 0.9.
    decay : bool
        Lower the rates from epoch to epoch along a half cosine, which ends at 0.
    first_channels : tuple of int
        Channels in the loss during the first half of the epochs. Empty: all channels from the start. The paper calls
        this "pre-training" of colour networks (section 4.5).
    supervised : float
        Share of the epochs in which a network's further outputs are in the loss. Their weight falls from 1 to 0.
    """

    epochs: int = 150
    batch_size: int = 16
    learning_rates: tuple[float, ...] = (1e-4, 1e-4, 1e-5)
    optimizer: str = "adam"
    decay: bool = False
    first_channels: tuple[int, ...] = ()
    supervised: float = 0.0

    def supervision_at(self, epoch: int) -> float:
        """Return the weight of further outputs in the loss of an epoch, from 1."""
        return max(0.0, 1 - (epoch - 1) / (self.supervised * self.epochs)) if self.supervised else 0.0


@dataclass(frozen=True)
class Recipe:
    """Everything that determines a run, apart from the images themselves; the defaults are the article's baseline.

    Parameters
    ----------
    name : str
        Name of the run's folder and of its weights.
    architecture : Network
    protocol : Protocol
    scale : int
        Factor of upscaling in the protocol ``paper``; 1 in the protocol ``article``.
    space : {"y", "rgb", "ycbcr"}
        Colour space of the network's channels; YCbCr is MATLAB's.
    training_set, validation_set : str
        Default sets: T91 and Set5, or a part of T91.
    patches : Grid or RandomPatches
        Patches that the network trains on.
    start : Gaussian, He or Pretrained
        First weights.
    schedule : Schedule
        Length, batches, optimiser and rates.
    whitening : bool
        Train the first layer in the coordinates of whitened patches, see `paddle_srcnn.model.whitening`.
    value_range : {255, 1}
        Value of white in the network: 255 as in the article, or 1 as in the paper. Adam hardly notices. SGD's
        gradients of the weights are 65,025 times as large on 0..255.
    seed : int
        Seed of the one generator that draws weights and patches.
    published : Published, optional
        Published number that the run reproduces. It does not influence the run.

    Raises
    ------
    ValueError
        If the parts do not fit together.
    """

    name: str
    architecture: Network = BASIC
    protocol: Protocol = ARTICLE
    scale: int = 1
    space: str = "y"
    training_set: str = "T91"
    validation_set: str = "Set5"
    patches: Grid | RandomPatches = Grid()
    start: Gaussian | He | Pretrained = Gaussian()
    schedule: Schedule = Schedule()
    whitening: bool = False
    value_range: float = 255.0
    seed: int = 0
    published: Published | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if len(self.schedule.learning_rates) != len(self.architecture.filters):
            raise ValueError(f"{self.name}: {self.architecture.name} needs a learning rate for each layer")
        if self.value_range not in (1.0, 255.0):
            raise ValueError(f"{self.name}: value_range is 1 or 255, got {self.value_range}")
        upscales = self.protocol.upscales
        if isinstance(self.patches, RandomPatches) != upscales or (self.scale > 1) != upscales:
            raise ValueError(
                f"{self.name}: a scale and random patches belong to the protocol `paper`, which needs both"
            )
        if self.space not in self.protocol.colours or (self.space == "y") != (self.architecture.channels == 1):
            raise ValueError(
                f"{self.name}: no {self.space} of {self.architecture.channels} channels in `{self.protocol}`"
            )
        if self.schedule.optimizer not in ("adam", "sgd"):
            raise ValueError(f"{self.name}: optimizer is adam or sgd, got {self.schedule.optimizer}")
        if self.defect and (self.space, self.architecture.factor) != ("y", 1):
            raise ValueError(f"{self.name}: defects are for networks of luma that is upsampled before")
        if self.architecture.factor not in (1, self.scale):
            raise ValueError(f"{self.name}: {self.architecture.name} upscales by {self.architecture.factor}")
        if not isinstance(self.architecture, Architecture) and self.value_range != 1.0:
            raise ValueError(f"{self.name}: {self.architecture.name} takes values in 0..1")
        least = self.architecture.receptive_field
        if isinstance(self.patches, RandomPatches) and self.patches.patch < least:
            raise ValueError(f"{self.name}: {self.architecture.name} needs patches of {least} pixels or more")
        if not 0 <= self.schedule.supervised <= bool(self.architecture.further_outputs):
            raise ValueError(f"{self.name}: supervised is from 0 to 1, for networks with further outputs")
        if self.schedule.first_channels and self.architecture.channels == 1:
            raise ValueError(f"{self.name}: first_channels is for networks of three channels")

    @property
    def defect(self) -> Defect | None:
        """Defect that the network removes; None for clean images."""
        return self.patches.defect if isinstance(self.patches, RandomPatches) else None

    @property
    def pretrained(self) -> str | None:
        """Name of the weights that the run starts from; None if it draws its own."""
        return self.start.name if isinstance(self.start, Pretrained) else None

    def settings(self) -> dict[str, Any]:
        """Return the recipe as summaries and checkpoints hold it: one flat mapping in a fixed order."""
        random = self.patches if isinstance(self.patches, RandomPatches) else None
        schedule = self.schedule
        return {
            "name": self.name,
            "architecture": self.architecture.settings(),
            "protocol": self.protocol.name,
            "training_set": self.training_set,
            "validation_set": self.validation_set,
            "ycbcr": self.space == "ycbcr",
            "first_channels": schedule.first_channels,
            "scale": self.scale,
            "epochs": schedule.epochs,
            "batch_size": schedule.batch_size,
            "learning_rates": schedule.learning_rates,
            "optimizer": schedule.optimizer,
            "value_range": self.value_range,
            "decay": schedule.decay,
            "initial_std": self._initial_std(),
            "identity": isinstance(self.start, He) and self.start.identity,
            "whitening": self.whitening,
            "pretrained": self.pretrained,
            "patches": random and random.count,
            "turns": random is not None and random.augment,
            "sizes": random.sizes if random else (1.0,),
            "shuffle": isinstance(self.patches, Grid) and self.patches.shuffle,
            "seed": self.seed,
            **({"defect": asdict(self.defect)} if self.defect else {}),
            **({"supervised": schedule.supervised} if schedule.supervised else {}),
            **({"patch": random.patch} if random and random.patch != RandomPatches.patch else {}),
            "published": self.published and {"psnr_db": self.published.psnr_db, "source": self.published.source},
        }

    def _initial_std(self) -> float | None:
        """Return the setting of this name; None stands for each layer's own deviation."""
        if isinstance(self.start, Gaussian):
            return self.start.std
        # Pretrained runs of the article's protocol were recorded with the article's deviation, which they do not use.
        return Gaussian().std if isinstance(self.start, Pretrained) and not self.protocol.upscales else None


def vary(recipe: Recipe, **changes: Any) -> Recipe:
    """Return a recipe with other values of its fields, or of the fields of its schedule and patches.

    Examples
    --------
    >>> vary(Recipe("baseline"), epochs=3, shuffle=True).schedule.epochs
    3

    Raises
    ------
    ValueError
        If neither the recipe nor one of the two parts has a field of a name.
    """
    parts = {name: changes.pop(name, getattr(recipe, name)) for name in ("schedule", "patches")}
    own = {each.name: changes.pop(each.name) for each in fields(recipe) if each.name in changes}
    for name, part in parts.items():
        parts[name] = replace(
            part, **{each.name: changes.pop(each.name) for each in fields(part) if each.name in changes}
        )
    if changes:
        raise ValueError(f"{recipe.name} has no {', '.join(changes)}")
    return replace(recipe, **parts, **own)
