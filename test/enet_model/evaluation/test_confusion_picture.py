# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip('matplotlib', reason="needs pip install 'enet_model[train]'")

from matplotlib.figure import Figure

from enet_model.datasets.annotated_frames import read_frame
from enet_model.evaluation.confusion_picture import draw_confusion
from enet_model.evaluation.metrics import ConfusionMatrix
from enet_model.label_sets import VOID


def shares_in(picture: Figure) -> NDArray[np.float64]:
    (axes,) = picture.axes
    return np.asarray(axes.images[0].get_array())


def test_cells_are_per_cent_of_the_true_class(tmp_path: Path) -> None:
    confusion = ConfusionMatrix(3)
    confusion.add(np.array([0] * 300 + [1] * 4), np.array([0] * 299 + [1] + [1, 1, 1, 0]))
    picture = draw_confusion(confusion, ('sky', 'road', 'car'))
    (axes,) = picture.axes
    assert [text.get_text() for text in axes.get_xticklabels()] == ['sky', 'road', 'car']
    assert [text.get_text() for text in axes.get_yticklabels()] == ['sky', 'road', 'car']
    expected = np.array([[299 / 300, 1 / 300, 0], [1 / 4, 3 / 4, 0], [0, 0, 0]])
    np.testing.assert_allclose(shares_in(picture), expected)
    # What rounds to nothing, and a class that is not there, has no number.
    numbers = {text.get_position(): text.get_text() for text in axes.texts}
    assert numbers == {(0, 0): '100', (0, 1): '25', (1, 1): '75'}
    picture.savefig(tmp_path / 'a.png')
    assert read_frame(tmp_path / 'a.png').std() > 20


def test_pixels_of_no_class_have_a_column_of_their_own() -> None:
    confusion = ConfusionMatrix(2)
    confusion.add(np.array([0, 0, 1]), np.array([0, VOID, 1]))
    picture = draw_confusion(confusion, ('sky', 'road'))
    labels = picture.axes[0].get_xticklabels()
    assert [text.get_text() for text in labels] == ['sky', 'road', 'no class']
    np.testing.assert_allclose(shares_in(picture), np.array([[0.5, 0, 0.5], [0, 1, 0]]))
