import pytest

from paddle_srcnn import machine


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        ("fpu avx2 avx512f avx512dq avx512cd avx512bw avx512vl avx512_vnni", True),
        ("fpu avx2 avx512f avx512cd", False),  # Knights Landing's, which MKL has other code for
        ("fpu avx2", False),
        ("", False),
    ],
)
def test_avx512_is_told_by_all_its_flags(monkeypatch, flags, found):
    monkeypatch.setattr(machine, "_processor_fields", lambda: {"flags": flags} if flags else {})
    assert machine.has_avx512() is found


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
    monkeypatch.setattr(machine, "core_count", lambda: cores)
    assert machine.branch_count(threads, batch_size) == branches
