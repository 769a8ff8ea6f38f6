"""What a command hands to the trainer, in both protocols."""

from dataclasses import replace

import numpy as np
import pytest

from paddle_srcnn.recipes import RECIPES
from reader.preparation import prepare_data


@pytest.mark.parametrize("name", ["baseline", "rgb_scratch", "sr_9-1-5_x3"])
def test_patches_and_pictures_are_those_of_the_recipe(write_noise, tmp_path, capsys, name):
    write_noise(tmp_path / "train" / "a.png", 60, 60)
    write_noise(tmp_path / "val" / "b.png", 50, 50, seed=1)
    recipe = replace(RECIPES[name], **({"patches": 5} if RECIPES[name].patches else {}))
    data = prepare_data(recipe, str(tmp_path / "train"), str(tmp_path / "val"), np.random.default_rng(0))
    samples = list(data.reader())
    assert len(samples) == data.patches == data.description["train"]["patches"]
    assert samples[0][0].shape == (recipe.architecture.channels, 33, 33)
    assert data.validation.names == ("b",)
    trained, scored = capsys.readouterr().out.splitlines()
    assert trained.startswith(f"training on train ({tmp_path / 'train'})")
    assert scored.endswith("1 pictures")


def test_same_pictures_have_the_same_checksum_and_others_another(write_noise, tmp_path):
    recipe = replace(RECIPES["sr_9-1-5_x3"], patches=5)
    for folder, seed in (("a", 0), ("b", 0), ("c", 1)):
        write_noise(tmp_path / folder / "x.png", 60, 60, seed=seed)
    folders = [str(tmp_path / folder) for folder in "abc"]
    described = [prepare_data(recipe, one, one, np.random.default_rng(0)).description for one in folders]
    first, same, other = (description["train"]["sha256"] for description in described)
    assert first == same != other
