"""Inputs spoiled in thousands of ways: each is the same again from (seed, kind, number).

``seeds`` holds whole inputs of every kind; ``octets``, ``texts`` and ``packed`` change them;
``judge`` says what became of one: read as it stands (``truth``), refused in one message, or a
fault of ours. ``benchmarks/fuzz.py`` tries thousands, ``tests/pipeline/test_fuzz.py`` a sample.
"""
