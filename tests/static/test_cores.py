import pytest

cpu = pytest.importorskip("paddle_srcnn.static.cpu")


@pytest.mark.parametrize(
    ("cores", "threads", "batch_size", "branches"),
    [
        (2, 2, 16, 2),
        (2, 2, 128, 8),
        (2, 1, 128, 1),  # one thread keeps to one core
        (4, 2, 128, 2),
        (1, 1, 128, 1),
        (8, 8, 16, 8),
        (8, 8, 6, 3),  # two samples each, at least
        (8, 8, 1, 1),
    ],
)
def test_branches_by_cores_and_batch(monkeypatch, cores, threads, batch_size, branches):
    monkeypatch.setattr(cpu, "core_count", lambda: cores)
    assert cpu.branch_count(threads, batch_size) == branches
