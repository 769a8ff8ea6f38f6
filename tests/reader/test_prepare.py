"""What a command hands to the trainer, in both protocols."""

import numpy as np
import pytest
from PIL import Image

from paddle_srcnn.errors import UserError
from paddle_srcnn.model.whitening import whitening_matrix
from paddle_srcnn.reader.grid_patches import load_patches
from paddle_srcnn.reader.prepare import prepare_data
from paddle_srcnn.reader.random_patches import load_pairs
from paddle_srcnn.recipes import RECIPES, vary


@pytest.mark.parametrize("name", ["baseline", "rgb_scratch", "sr_9-1-5_x3"])
def test_patches_and_pictures_are_those_of_the_recipe(write_noise, tmp_path, name):
    write_noise(tmp_path / "train" / "a.png", 60, 60)
    write_noise(tmp_path / "val" / "b.png", 50, 50, seed=1)
    recipe = vary(RECIPES[name], **({"count": 5} if RECIPES[name].scale > 1 else {}))
    data = prepare_data(recipe, str(tmp_path / "train"), str(tmp_path / "val"), np.random.default_rng(0))
    samples = list(data.reader())
    assert len(samples) == data.patches == data.description["train"]["patches"]
    assert samples[0][0].shape == (recipe.architecture.channels, 33, 33)
    assert data.validation.names == ("b",)
    trained, scored = data.lines
    assert trained.startswith(f"training on train ({tmp_path / 'train'})")
    assert scored.endswith("1 images")


def test_same_pictures_have_the_same_checksum_and_others_another(write_noise, tmp_path):
    recipe = vary(RECIPES["sr_9-1-5_x3"], count=5)
    for folder, seed in (("a", 0), ("b", 0), ("c", 1)):
        write_noise(tmp_path / folder / "x.png", 60, 60, seed=seed)
    folders = [str(tmp_path / folder) for folder in "abc"]
    described = [prepare_data(recipe, one, one, np.random.default_rng(0)).description for one in folders]
    first, same, other = (description["train"]["sha256"] for description in described)
    assert first == same != other


@pytest.mark.parametrize(
    ("name", "whitening"),
    [("baseline", False), ("baseline", True), ("sr_9-1-5_x3", True), ("espcn_x3", True)],
)
def test_whitening_is_of_what_enters_the_network(write_noise, tmp_path, name, whitening):
    picture = write_noise(tmp_path / "x.png", 60, 60)
    recipe = vary(RECIPES[name], whitening=whitening, **({"count": 5} if RECIPES[name].scale > 1 else {}))
    found = prepare_data(recipe, str(picture), str(picture), np.random.default_rng(0)).whitening
    if not whitening:
        assert found is None
        return
    network = recipe.architecture
    if recipe.scale > 1:
        wanted = {"sizes": recipe.patches.sizes, "factor": network.factor, "patch": recipe.patches.patch}
        inputs = [pair.input for pair in load_pairs([picture], scale=3, **wanted)]
    else:
        inputs = load_patches([picture], margin=network.margin).inputs
    np.testing.assert_array_equal(found, whitening_matrix(inputs, network.filters[0], recipe.value_range / 255))


@pytest.mark.parametrize("value", [0, 77, 255])
def test_flat_pictures_are_no_data_to_whiten(write_noise, tmp_path, value):
    flat, scored = tmp_path / "flat.png", write_noise(tmp_path / "x.png", 60, 60)
    Image.fromarray(np.full((60, 60), value, np.uint8)).save(flat)
    recipe = vary(RECIPES["sr_9-1-5_x3"], count=5)
    with pytest.raises(UserError, match="flat"):
        prepare_data(recipe, str(flat), str(scored), np.random.default_rng(0))
