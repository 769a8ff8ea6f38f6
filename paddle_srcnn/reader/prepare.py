"""Everything that a run needs of its images, found and prepared as its recipe says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from paddle_srcnn.model.whitening import whitening_matrix
from paddle_srcnn.protocols.article import view_for
from paddle_srcnn.protocols.data import Data, Reader
from paddle_srcnn.protocols.defects import load_defective
from paddle_srcnn.protocols.validation import ValidationSet
from paddle_srcnn.reader.datasets import Dataset
from paddle_srcnn.reader.grid_patches import load_patches, patch_reader
from paddle_srcnn.reader.random_patches import load_defective_pairs, load_pairs, random_patch_reader
from paddle_srcnn.reader.readers import shuffle
from paddle_srcnn.reader.selection import choose_datasets
from paddle_srcnn.recipes import Grid, Recipe
from paddle_srcnn.system.files import checksum

__all__ = ["prepare_data"]


def prepare_data(recipe: Recipe, train_name: str | None, validation_name: str | None, rng: np.random.Generator) -> Data:
    """Find the images of a run, make its reader and its validation set, and describe both.

    Parameters
    ----------
    recipe : Recipe
    train_name, validation_name : str or None
        Sets as `paddle_srcnn.reader.choose_datasets` takes them; None for the recipe's own.
    rng : numpy.random.Generator
        Source of orders and positions of patches.

    Raises
    ------
    UserError
        If a set cannot be found or used.
    """
    defaults = recipe.training_set, recipe.validation_set
    train_set, validation_set = choose_datasets(train_name, validation_name, defaults=defaults)
    prepare = _grid if isinstance(recipe.patches, Grid) else _random
    reader, described, inputs, text = prepare(recipe, train_set, rng)
    validation = _validation(recipe, validation_set)
    unit = recipe.value_range / 255
    whitening = whitening_matrix(inputs, recipe.architecture.filters[0], unit) if recipe.whitening else None
    lines = (
        f"training on {train_set.name} ({train_set.found}): {text}",
        f"scoring on {validation_set.name} ({validation_set.found}): {len(validation.names)} images",
    )
    description = {"train": described, "validation": _described(validation_set, validation)}
    return Data(reader, described["patches"], validation, description, whitening, lines)


Prepared = tuple[
    Reader, dict[str, Any], Iterable[np.ndarray], str
]  # reader, description, its inputs, description as text


def _grid(recipe: Recipe, train_set: Dataset, rng: np.random.Generator) -> Prepared:
    """Cut the article's patches; an epoch has all of them."""
    patches = load_patches(train_set.files, margin=recipe.architecture.margin, view=view_for(recipe.space))
    reader, count = patch_reader(patches), len(patches.inputs)
    described = {
        "name": train_set.name,
        "pictures": patches.images,
        "skipped": patches.skipped,
        "patches": count,
        "sha256": checksum((patches.inputs, patches.labels)),
    }
    shuffled = isinstance(recipe.patches, Grid) and recipe.patches.shuffle
    skipped = f", {patches.skipped} images smaller than a patch skipped" if patches.skipped else ""
    return (
        shuffle(reader, rng, count) if shuffled else reader,
        described,
        patches.inputs,
        f"{patches.images} images, {count:,} patches{skipped}",
    )


def _random(recipe: Recipe, train_set: Dataset, rng: np.random.Generator) -> Prepared:
    """Prepare pairs of images, from which each epoch draws its patches."""
    wanted, network = recipe.patches, recipe.architecture
    if isinstance(wanted, Grid):
        raise ValueError(f"{recipe.name} has patches on a grid")
    if wanted.defect is None:
        pairs = load_pairs(
            train_set.files,
            scale=recipe.scale,
            space=recipe.space,
            sizes=wanted.sizes,
            factor=network.factor,
            patch=wanted.patch,
        )
    else:
        pairs = load_defective_pairs(
            train_set.files, scale=recipe.scale, sizes=wanted.sizes, defect=wanted.defect, rng=rng
        )
    described = {
        "name": train_set.name,
        "pictures": len(train_set.files),
        "ground_truths": len(pairs),
        "patches": wanted.count,
        "sha256": checksum(image for pair in pairs for image in (pair.input, pair.hr)),
    }
    reader = random_patch_reader(
        pairs,
        rng,
        margin=network.margin,
        count=wanted.count,
        augment=wanted.augment,
        factor=network.factor,
        patch=wanted.patch,
    )
    text = f"{len(train_set.files)} images, {len(pairs)} with their smaller sizes, {wanted.count:,} patches an epoch"
    return reader, described, [pair.input for pair in pairs], text


def _validation(recipe: Recipe, validation_set: Dataset) -> ValidationSet:
    """Read the images that the run is scored on, with the defect that its network removes."""
    files, scale, network = validation_set.files, recipe.scale, recipe.architecture
    if recipe.defect:
        return load_defective(files, scale=scale, defect=recipe.defect)
    return recipe.protocol.load_validation(
        files, margin=network.margin, scale=scale, space=recipe.space, factor=network.factor
    )


def _described(dataset: Dataset, validation: ValidationSet) -> dict[str, Any]:
    return {"name": dataset.name, "pictures": len(validation.names), "sha256": checksum(validation.hrs)}
