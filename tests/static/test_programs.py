import numpy as np
import pytest

from paddle_srcnn.model.architecture import Architecture

pytest.importorskip("paddle")

from networks import BASIC, batch, cpu_plan, reference, reference_adam, step, trained_like

from paddle_srcnn.model.parameters import initial_parameters, parameter_names
from paddle_srcnn.static.backend import choose_device
from paddle_srcnn.static.inference_program import InferenceProgram
from paddle_srcnn.static.training_program import TrainingProgram

CPU = choose_device("cpu")
RATES = (1e-4, 1e-4, 1e-5)
NETWORKS = [
    BASIC,
    Architecture((9, 1, 5), (64, 32), 3),
    Architecture((3, 5, 1), (5, 7)),
    Architecture((5, 3), (6,)),
    Architecture((3, 1, 3, 3), (4, 3, 5)),
]


def name_of(network):
    return f"{network.name} x{network.channels}"


def test_initial_parameters():
    parameters = initial_parameters(BASIC, std=0.001, rng=np.random.default_rng(7))
    shapes = {name: value.shape for name, value in parameters.items()}
    assert shapes == {
        "conv1.weight": (64, 1, 9, 9),
        "conv1.bias": (64,),
        "conv2.weight": (32, 64, 1, 1),
        "conv2.bias": (32,),
        "conv3.weight": (1, 32, 5, 5),
        "conv3.bias": (1,),
    }
    assert {value.dtype for value in parameters.values()} == {np.dtype(np.float32)}
    assert not any(parameters[f"conv{i}.bias"].any() for i in (1, 2, 3))
    for i in (1, 2, 3):
        weights = parameters[f"conv{i}.weight"]
        # Four standard errors of a mean and of a standard deviation.
        assert abs(weights.mean()) < 4 * 0.001 / np.sqrt(weights.size)
        assert weights.std() == pytest.approx(0.001, rel=4 / np.sqrt(2 * weights.size))


def test_seed_decides_the_initial_parameters():
    one, same, other = (initial_parameters(BASIC, std=0.001, rng=np.random.default_rng(seed)) for seed in (7, 7, 8))
    for name in one:
        assert one[name].tobytes() == same[name].tobytes()
        assert name.endswith("bias") or (one[name] != other[name]).any()
    # The first numbers of NumPy's default generator with seed 7, as `default_rng(7).normal` gives them.
    expected = np.random.default_rng(7).normal(0, 0.001, (64, 1, 9, 9)).astype(np.float32)
    np.testing.assert_array_equal(one["conv1.weight"], expected)


@pytest.mark.parametrize("network", NETWORKS, ids=name_of)
def test_restored_image_follows_the_definition(network):
    parameters = trained_like(network)
    restore = InferenceProgram(network, CPU, parameters)
    for height, width in ((24, 31), (network.receptive_field, network.receptive_field), (40, 17)):
        image = batch(network, 1, height, width)[0][0]
        output = restore(image)
        assert (output.dtype, output.shape) == (
            np.float32,
            (network.channels, height - 2 * network.margin, width - 2 * network.margin),
        )
        np.testing.assert_allclose(output, reference(network, parameters, image[np.newaxis])[-1][0], atol=1e-4)


def test_bytes_are_restored_as_numbers():
    parameters = trained_like(BASIC)
    restore = InferenceProgram(BASIC, CPU, parameters)
    image = np.random.default_rng(0).integers(0, 256, (1, 20, 30), dtype=np.uint8)
    np.testing.assert_array_equal(restore(image), restore(image.astype(np.float32)))
    np.testing.assert_allclose(
        restore(image), reference(BASIC, parameters, image[np.newaxis])[-1][0], rtol=1e-4, atol=1e-2
    )


def test_two_programs_do_not_share_parameters():
    image = batch(BASIC, 1)[0][0]
    one = InferenceProgram(BASIC, CPU, trained_like(BASIC, seed=0))
    before = one(image)
    other = InferenceProgram(BASIC, CPU, trained_like(BASIC, seed=1))
    assert (other(image) != before).any()
    np.testing.assert_array_equal(one(image), before)


@pytest.mark.parametrize("branches", [1, 4])
@pytest.mark.parametrize("count", [16, 6, 1])
def test_loss_is_the_mean_squared_error(count, branches):
    parameters = trained_like(BASIC)
    program = TrainingProgram(BASIC, RATES, cpu_plan(BASIC, branches))
    program.set_state(parameters)
    inputs, labels = batch(BASIC, count)
    expected = np.mean((reference(BASIC, parameters, inputs)[-1] - labels) ** 2)
    assert step(program, inputs, labels) == pytest.approx(expected, rel=1e-5)


def test_first_update_of_each_layer_is_its_rate():
    """Adam's first step is rate * g / (|g| + 1e-8 / sqrt(0.001)): the rate, up to its sign, where g is large."""
    program = TrainingProgram(BASIC, RATES, cpu_plan(BASIC))
    before = initial_parameters(BASIC, std=0.001, rng=np.random.default_rng(0))
    program.set_state(before)
    inputs, labels = batch(BASIC, 16, 33, 33)
    step(program, 255 * inputs, 255 * labels)
    after = program.parameters()
    for rate, names in zip(RATES, parameter_names(BASIC), strict=True):
        for name in names:
            update = np.abs(after[name].astype(np.float64) - before[name])
            assert update.max() == pytest.approx(rate, rel=0.01), name


@pytest.mark.parametrize("network", NETWORKS, ids=name_of)
@pytest.mark.parametrize("counts", [(16, 16, 6), (5, 1)])
@pytest.mark.parametrize("branches", [1, 4])
def test_steps_are_those_of_adam(network, counts, branches):
    """Also with a smaller last batch. Gradients near zero lose their sign to rounding, hence a share of the rate."""
    rates = tuple(10.0**-i for i in range(3, 3 + len(network.filters)))
    before = trained_like(network)
    program = TrainingProgram(network, rates, cpu_plan(network, branches))
    program.set_state(before)
    batches = [batch(network, count, 18, 17, seed) for seed, count in enumerate(counts)]
    for inputs, labels in batches:
        step(program, inputs, labels)
    after = program.parameters()
    for name, expected in reference_adam(network, before, rates, batches).items():
        rate = rates[int(name[4]) - 1]
        assert np.abs(after[name] - before[name]).max() > 0.5 * rate, name
        np.testing.assert_allclose(after[name], expected, rtol=0, atol=0.02 * rate + 2e-7, err_msg=name)


@pytest.mark.parametrize("branches", [1, 4])
def test_restored_state_goes_on_identically(branches):
    batches = [batch(BASIC, 6, 20, 20, seed) for seed in range(4)]
    program = TrainingProgram(BASIC, RATES, cpu_plan(BASIC, branches))
    program.set_state(trained_like(BASIC))
    for inputs, labels in batches[:2]:
        step(program, inputs, labels)
    state = program.state()
    losses = [step(program, *pair) for pair in batches[2:]]
    resumed = TrainingProgram(BASIC, RATES, cpu_plan(BASIC, branches))
    resumed.set_state(trained_like(BASIC, seed=9))
    step(resumed, *batches[3])
    resumed.set_state(state)
    assert [step(resumed, *pair) for pair in batches[2:]] == losses
    for name, value in program.state().items():
        np.testing.assert_array_equal(resumed.state()[name], value, strict=True)


def test_state_is_a_copy():
    program = TrainingProgram(BASIC, RATES, cpu_plan(BASIC))
    program.set_state(trained_like(BASIC))
    state, parameters = program.state(), program.parameters()
    kept = {name: value.copy() for name, value in state.items()}
    step(program, *batch(BASIC, 2))
    for name, value in kept.items():
        np.testing.assert_array_equal(state[name], value)
    for name, value in parameters.items():
        np.testing.assert_array_equal(value, kept[name])
        value[...] = 0
    assert program.parameters()["conv1.weight"].any()


def test_inference_follows_the_training_whose_scope_it_shares():
    program = TrainingProgram(BASIC, (0.1, 0.1, 0.1), cpu_plan(BASIC))
    program.set_state(trained_like(BASIC))
    restore = InferenceProgram(BASIC, CPU, session=program.session)
    image = batch(BASIC, 1)[0][0]
    for _ in range(2):
        expected = reference(BASIC, program.parameters(), image[np.newaxis])[-1][0]
        np.testing.assert_allclose(restore(image), expected, rtol=1e-4, atol=1e-4)
        step(program, *batch(BASIC, 4))


def test_foreign_state_is_refused():
    program = TrainingProgram(BASIC, RATES, cpu_plan(BASIC))
    with pytest.raises(KeyError, match="nothing"):
        program.set_state({"nothing": np.zeros(1, np.float32)})
    with pytest.raises(ValueError, match=r"conv1\.bias has shape"):
        program.set_state({"conv1.bias": np.zeros(65, np.float32)})


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("size", [(77, 76), (13, 300), (150, 205), (300, 301)])
def test_windows_make_the_whole_image(size, threads):
    """One window, a row of them, several, and more than one run of the program takes."""
    parameters = trained_like(BASIC)
    image = np.random.default_rng(6).random((1, *size), np.float32)
    output = InferenceProgram(BASIC, CPU, parameters, threads=threads)(image)
    expected = reference(BASIC, parameters, image[np.newaxis])[-1][0]
    np.testing.assert_allclose(output, expected, atol=1e-4)
