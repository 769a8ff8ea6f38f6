"""All that a run needs of its pictures, found and prepared as its recipe says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from paddle_srcnn.model.whitening import whitening_matrix
from paddle_srcnn.protocols import PAPER
from paddle_srcnn.protocols.article import planes_for
from paddle_srcnn.protocols.data import Data
from paddle_srcnn.protocols.validation import SuperResolutionSet, ValidationSet, load_super_resolution, load_validation
from paddle_srcnn.recipes import Recipe
from paddle_srcnn.system.files import checksum
from reader.datasets import Dataset
from reader.grid_patches import load_patches, patch_reader
from reader.random_patches import load_pairs, random_patch_reader
from reader.readers import shuffle
from reader.selection import choose_datasets


def prepare_data(recipe: Recipe, train_name: str | None, validation_name: str | None, rng: np.random.Generator) -> Data:
    """Find the pictures, make inputs of them, and say what was found.

    Parameters
    ----------
    recipe : Recipe
    train_name, validation_name : str or None
        See `reader.choose_datasets`.
    rng : numpy.random.Generator
        What orders and places of patches are drawn from.

    Raises
    ------
    UserError
        If data that was named cannot be had, or cannot be used.
    """
    defaults = recipe.training_set, recipe.validation_set
    train_set, validation_set = choose_datasets(train_name, validation_name, defaults=defaults)
    prepare = _super_resolution if recipe.protocol == PAPER else _article
    data, told = prepare(recipe, train_set, validation_set, rng)
    print(f"training on {train_set.name} ({train_set.found}): {told}")
    print(
        f"scoring on {validation_set.name} ({validation_set.found}): {len(data.validation.names)} pictures", flush=True
    )
    return data


def _article(recipe: Recipe, train_set: Dataset, validation_set: Dataset, rng: np.random.Generator) -> tuple[Data, str]:
    margin, channels = recipe.architecture.margin, recipe.architecture.channels
    patches = load_patches(train_set.files, margin=margin, view=planes_for(channels))
    validation = load_validation(validation_set.files, margin=margin, channels=channels)
    patches_reader = patch_reader(patches)
    described = {
        "name": train_set.name,
        "pictures": patches.images,
        "skipped": patches.skipped,
        "patches": len(patches.inputs),
        "sha256": checksum((patches.inputs, patches.labels)),
    }
    skipped = f", {patches.skipped} pictures smaller than a patch skipped" if patches.skipped else ""
    return Data(
        reader=shuffle(patches_reader, rng, len(patches.inputs)) if recipe.shuffle else patches_reader,
        patches=len(patches.inputs),
        validation=validation,
        description={"train": described, "validation": _described(validation_set, validation)},
        whitening=_whitening(recipe, patches.inputs),
    ), f"{patches.images} pictures, {len(patches.inputs):,} patches{skipped}"


def _super_resolution(
    recipe: Recipe, train_set: Dataset, validation_set: Dataset, rng: np.random.Generator
) -> tuple[Data, str]:
    pairs = load_pairs(train_set.files, scale=recipe.scale, space=recipe.space, sizes=recipe.sizes)
    validation = load_super_resolution(validation_set.files, scale=recipe.scale, space=recipe.space)
    margin, count = recipe.architecture.margin, recipe.patches
    if count is None:
        raise ValueError(f"{recipe.name} is no recipe for super-resolution: its patches lie on a grid")
    described = {
        "name": train_set.name,
        "pictures": len(train_set.files),
        "ground_truths": len(pairs),
        "patches": count,
        "sha256": checksum(plane for pair in pairs for plane in (pair.upsampled, pair.hr)),
    }
    return Data(
        reader=random_patch_reader(pairs, rng, margin=margin, count=count, augment=recipe.turns),
        patches=count,
        validation=validation,
        description={"train": described, "validation": _described(validation_set, validation)},
        whitening=_whitening(recipe, (pair.upsampled for pair in pairs)),
    ), f"{len(train_set.files)} pictures, {len(pairs)} with their smaller sizes, {count:,} patches an epoch"


def _whitening(recipe: Recipe, inputs: Iterable[np.ndarray]) -> np.ndarray | None:
    if not recipe.whitening:
        return None
    return whitening_matrix(inputs, recipe.architecture.filters[0], recipe.value_range / 255)


def _described(dataset: Dataset, validation: ValidationSet | SuperResolutionSet) -> dict[str, Any]:
    return {"name": dataset.name, "pictures": len(validation.names), "sha256": checksum(validation.hrs)}
