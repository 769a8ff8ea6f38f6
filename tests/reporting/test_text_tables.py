from paddle_srcnn.reporting.text_tables import text_table

ROWS = [["name", "of", "dB"], ["a longer name", "Y", "37.26"], ["b", "RGB", ""]]


def test_cells_begin_at_one_position():
    assert text_table(ROWS).splitlines() == [
        "name           of   dB",
        "a longer name  Y    37.26",
        "b              RGB",
    ]


def test_numbers_end_at_one_position():
    assert text_table(ROWS, left=2).splitlines() == [
        "name           of      dB",
        "a longer name  Y    37.26",
        "b              RGB",
    ]
