"""The training and the validation set that a user asks for."""

import logging
import socket
from pathlib import Path

import pytest

from paddle_srcnn.errors import UserError
from paddle_srcnn.reader import choose_datasets, samples_training, samples_validation


@pytest.fixture
def refusing_url():
    """Address on this machine where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused, nobody else gets the port
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def warned(caplog):
    """Text of the one warning that was logged."""
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    return record.getMessage()


def test_sets_on_disk_are_chosen_without_a_word(put_set, caplog, refusing_url):
    put_set(Path("data"), "T91")
    put_set(Path("data"), "Set5")
    training, validation = choose_datasets(None, None, base_url=refusing_url)
    assert (training.name, validation.name) == ("T91", "Set5")
    assert not caplog.records


def test_samples_replace_both_sets_with_one_warning(tiny_sets, caplog, refusing_url):
    training, validation = choose_datasets(None, None, base_url=refusing_url)
    assert training == samples_training()
    assert validation == samples_validation()
    assert warned(caplog).startswith("T91 and Set5 are not on this disk and cannot be downloaded (no connection")


def test_samples_replace_both_sets_even_if_one_is_there(put_set, caplog, refusing_url):
    put_set(Path("data"), "Set5")
    training, validation = choose_datasets(None, None, base_url=refusing_url)
    assert training.name == validation.name == "samples"
    assert warned(caplog).startswith("T91 is not on this disk")


def test_only_the_missing_default_is_replaced(put_set, caplog, refusing_url):
    put_set(Path("data"), "T91")
    training, validation = choose_datasets(None, None, base_url=refusing_url)
    assert (training.name, validation.name) == ("T91", "samples")
    assert warned(caplog).startswith("Set5 is not on this disk")


def test_named_validation_set_stays_beside_samples(put_set, caplog, refusing_url):
    put_set(Path("data"), "Set14")
    training, validation = choose_datasets(None, "Set14", base_url=refusing_url)
    assert (training.name, validation.name) == ("samples", "Set14")
    assert warned(caplog).startswith("T91 is not on this disk")


def test_named_set_that_cannot_be_downloaded_is_an_error(tiny_sets, caplog, refusing_url):
    with pytest.raises(UserError, match=r"T91/t1\.bmp cannot be downloaded"):
        choose_datasets("T91", None, base_url=refusing_url)
    with pytest.raises(UserError, match=r"Set14/zebra\.bmp cannot be downloaded"):
        choose_datasets(None, "Set14", base_url=refusing_url)
    assert not caplog.records


def test_folders_and_samples_can_be_named(tiny_sets, caplog, refusing_url):
    file = Path("holiday/a.png")
    file.parent.mkdir()
    file.touch()
    training, validation = choose_datasets("holiday", "samples", base_url=refusing_url)
    assert (training.name, training.files) == ("holiday", (file,))
    assert validation == samples_validation()
    assert not caplog.records
    with pytest.raises(UserError, match=r"set5 does not exist.*Set5"):
        choose_datasets("holiday", "set5", base_url=refusing_url)
