import pytest

from paddle_srcnn.system import environment as machine


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
