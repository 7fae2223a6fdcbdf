"""The worked examples of docs/signals.md, docs/capacity.md and docs/pairing.md, computed as there.

What the documents print was worked out by hand; here the software gives the same.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from gusu_geo.assessment.capacity.catchments import Method, floating_catchments
from gusu_geo.assessment.pairing.model import PairingModel, in_points, in_units
from gusu_geo.assessment.pairing.stages import paired
from gusu_geo.assessment.signals.asked import ratio_of
from gusu_geo.assessment.signals.scan import llr_of
from gusu_geo.tables import Floats

DOCS = Path(__file__).resolve().parents[2] / "docs"
HEADS = {"md": "## Worked example", "zh.md": "## 算例"}


def example(name: str, end: str) -> str:
    """The section of the worked example."""
    text = (DOCS / f"{name}.{end}").read_text("utf-8")
    start = text.index(HEADS[end])
    return text[start : text.index("\n## ", start + 1)]


def numbers(text: str) -> list[float]:
    """The numbers in it, in order."""
    return [float(one.replace(",", "")) for one in re.findall(r"(?<![\w.])[\d,]*\.?\d+", text)]


@pytest.mark.parametrize("end", HEADS)
def test_a_gap_that_is_asked_for(end: str) -> None:
    (part,) = re.findall(
        r"(?<=\*\*A gap\.\*\* )(.*)|(?<=\*\*缺口。\*\*)(.*)", example("signals", end)
    )
    said = set(numbers("".join(part)))
    (limits,) = re.findall(
        r"\[(.*?)\]", example("signals", end).split("**Shuixiang**")[0].split("**水乡**")[0]
    )
    lacking, lacking_persons, having, having_persons = 12, 400, 6, 600
    assert said >= {lacking, lacking_persons, having, having_persons}
    found = ratio_of(lacking, lacking_persons, having, having_persons)
    assert [f"{value:.2f}" for value in found] == ["3.00", *limits.split(", ")]
    assert "= 3.00" in "".join(part)


@pytest.mark.parametrize("end", HEADS)
def test_the_likelihood_of_a_cluster(end: str) -> None:
    text = example("signals", end)
    (first, second, llr) = re.findall(r"= ([\d.]+) − ([\d.]+) = (\d+\.\d+)", text)[0]
    found = llr_of(np.array([30.0]), np.array([15.0]), 60.0)[0]
    assert f"{found:.4f}" == llr
    assert float(first) - float(second) == pytest.approx(found, abs=1e-4)
    assert f"{30 * np.log(30 / 15):.4f}" == first and f"{-30 * np.log(30 / 45):.4f}" == second


@pytest.mark.parametrize("end", HEADS)
@pytest.mark.parametrize("method", ["2sfca", "e2sfca", "3sfca"])
def test_capacity_of_three_homes_and_two_venues(end: str, method: Method) -> None:
    (row,) = [
        line for line in example("capacity", end).splitlines() if line.startswith(f"| `{method}`")
    ]
    said = [cell.strip() for cell in row.split("|")[2:-1]]
    times = csr_array(([300, 600, 300, 840], ([0, 1, 1, 2], [0, 0, 1, 1])), shape=(3, 2))
    demand = np.array([100.0, 200.0, 300.0])
    access: Floats = floating_catchments(times, demand, [10.0, 20.0], method=method).access
    assert [f"{value:.5f}".removeprefix("0") for value in access] == said[:3]
    assert float(demand @ access) == pytest.approx(float(said[3]))


@pytest.mark.parametrize("end", HEADS)
def test_pairs_of_three_bodies_and_two_communities(end: str) -> None:
    text = example("pairing", end)
    rows = re.findall(r"^\| (?:body|单位) \d \| (\d) \| (\d) \|$", text, re.MULTILINE)
    fit = in_units(np.array(rows, float))

    def best(asked: list[int]) -> tuple[float, float]:
        none = np.zeros((3, 2), bool)
        ones = np.ones(3, np.int64)
        model = PairingModel(
            fit, fit, none, ~none, none, ~none, ones, ones, np.array(asked), np.array([2, 2])
        )
        found = paired(model)
        assert found is not None and found.least is not None
        return in_points(found.least), in_points(found.value)

    assert best([1, 1]) == (2.0, 11.0) and best([1, 2])[1] == 10.0
    assert "5 + 4 + 2 = 11" in text and "5 + 3 + 2 = 10" in text
