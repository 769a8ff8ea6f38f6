import pytest

from paddle_srcnn.model.architecture import Architecture


def test_basic_network_is_that_of_the_paper():
    """8,032 weights: 81 * 64 + 64 * 32 + 32 * 25 (Dong et al. 2016, section 4.1); one bias for each filter."""
    basic = Architecture(filters=(9, 1, 5), widths=(64, 32))
    assert basic.name == "9-1-5"
    assert basic.weight_shapes == ((64, 1, 9, 9), (32, 64, 1, 1), (1, 32, 5, 5))
    assert (basic.weight_count, basic.bias_count) == (8032, 97)
    assert (basic.margin, basic.receptive_field) == (6, 13)


# Weights of the three sizes are those of Dong et al. 2016, section 4.3.2: 8,032, 24,416 and 57,184.
@pytest.mark.parametrize(
    ("filters", "widths", "channels", "weights", "biases", "margin"),
    [
        ((9, 3, 5), (64, 32), 1, 24_416, 97, 7),
        ((9, 5, 5), (64, 32), 1, 57_184, 97, 8),
        ((9, 3, 1), (64, 32), 1, 81 * 64 + 64 * 32 * 9 + 32, 97, 5),
        ((11, 1, 7), (64, 32), 1, 121 * 64 + 64 * 32 + 32 * 49, 97, 8),
        ((9, 1, 5), (64, 32), 3, 3 * 81 * 64 + 64 * 32 + 3 * 32 * 25, 99, 6),
        ((9, 1, 5), (32, 16), 1, 81 * 32 + 32 * 16 + 16 * 25, 49, 6),
        ((5,), (), 1, 25, 1, 2),
    ],
)
def test_other_networks(filters, widths, channels, weights, biases, margin):
    network = Architecture(filters, widths, channels)
    assert (network.weight_count, network.bias_count) == (weights, biases)
    assert (network.margin, network.receptive_field) == (margin, 2 * margin + 1)
    assert network.name == "-".join(map(str, filters))


@pytest.mark.parametrize(
    ("filters", "widths", "channels"),
    [
        ((9, 1, 5), (64,), 1),
        ((9, 1, 5), (64, 32, 1), 1),
        ((), (), 1),
        ((9, 2, 5), (64, 32), 1),
        ((9, 0, 5), (64, 32), 1),
        ((9, -1, 5), (64, 32), 1),
        ((9, 1, 5), (64, 0), 1),
        ((9, 1, 5), (64, 32), 0),
    ],
)
def test_impossible_networks_are_refused(filters, widths, channels):
    with pytest.raises(ValueError, match=r"widths|filter sizes"):
        Architecture(filters, widths, channels)
