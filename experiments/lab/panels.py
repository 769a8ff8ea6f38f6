"""Labels of the recipes that the table of recipes generates, as figures show them together."""

from __future__ import annotations

from paddle_srcnn.recipes import RECIPES

__all__ = ["ablations", "learning_rates", "photo_networks", "super_resolution"]

DEFECT_LABELS = {"jpeg": "JPEG", "noise_low": "weak noise", "noise_high": "strong noise"}


def ablations(prefix: str, *, without: str | None = None) -> dict[str, str]:
    """Label the recipes of ablations by the rest of their names, except those that begin otherwise."""
    names = [name for name in RECIPES if name.startswith(prefix) and not (without and name.startswith(without))]
    return {name: name.removeprefix(prefix).replace("_", " ") for name in names}


def learning_rates(prefix: str, channels: str) -> dict[str, str]:
    """Label the recipes that compare learning rates on Y or on RGB."""
    names = [name.removeprefix(f"{prefix}rates_") for name in RECIPES if name.startswith(f"{prefix}rates_")]
    return {
        f"{prefix}rates_{name}": f"{channels}, {'1e-4, last layer 1e-5' if name == 'separate' else f'{name} for all'}"
        for name in names
    }


def super_resolution() -> dict[str, dict[str, str]]:
    """Label the networks for super-resolution, a panel for each scale."""
    panels: dict[str, dict[str, str]] = {}
    for name, recipe in RECIPES.items():
        if name.startswith("sr_") and not recipe.defect:
            network = f"{recipe.architecture.name}{' RGB' if recipe.space == 'rgb' else ''}"
            panels.setdefault(f"x{recipe.scale}", {})[name] = f"{network}, x{recipe.scale}"
    return panels


def photo_networks() -> dict[str, dict[str, str]]:
    """Label the networks for photos, a panel for each defect and scale."""
    panels: dict[str, dict[str, str]] = {}
    for name, recipe in RECIPES.items():
        if recipe.defect:
            label = f"{DEFECT_LABELS[recipe.defect.name]}, {recipe.architecture.name}, x{recipe.scale}"
            panels.setdefault(f"{recipe.defect.name}_x{recipe.scale}", {})[name] = label
    return panels
