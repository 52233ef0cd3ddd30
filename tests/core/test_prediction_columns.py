"""Predictions in columns: bounded memory."""

from dataclasses import replace

import numpy as np

from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES
from lesionviewer.core.doubt import Doubt
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.prediction_columns import PredictionColumns
from lesionviewer.core.region import SquareRegion

MAPS_BYTES = 7 * 7 * 7 * 2


def prediction(share: float) -> Prediction:
    probabilities = np.full(7, (1 - share) / 6, np.float32)
    probabilities[0] = share
    return Prediction(probabilities, np.full((7, 7, 7), share, np.float32), SquareRegion(1, 2, 3))


def columns_of(rows: int, *, room: int) -> PredictionColumns:
    columns = PredictionColumns(7, maps_bytes=room * MAPS_BYTES)
    columns.grow(rows)
    for row in range(rows):
        columns.put(row, prediction(0.5), HAM10000_DIAGNOSES)
    return columns


def test_the_oldest_maps_go_when_there_is_no_room_but_the_probabilities_stay():
    columns = columns_of(5, room=3)
    assert [columns.get(row) is None for row in range(5)] == [True, True, False, False, False]
    assert columns.top.tolist() == [0] * 5
    assert np.allclose(columns.probabilities[0], prediction(0.5).probabilities)


def test_maps_that_are_predicted_again_are_kept_again():
    columns = columns_of(4, room=3)
    columns.put(0, prediction(0.9), HAM10000_DIAGNOSES)
    assert columns.get(0) is not None
    assert columns.get(1) is None


def test_replacing_or_taking_back_a_prediction_frees_its_room():
    columns = columns_of(2, room=2)
    for _ in range(10):
        columns.put(0, prediction(0.7), HAM10000_DIAGNOSES)
    assert columns.get(1) is not None
    columns.put(0, None, HAM10000_DIAGNOSES)
    assert columns.get(0) is None
    assert np.isnan(columns.malignant[0])
    columns.put(0, prediction(0.7), HAM10000_DIAGNOSES)
    assert columns.get(1) is not None


def test_the_doubt_of_a_prediction_comes_back_with_it():
    columns = PredictionColumns(7)
    columns.grow(3)
    reduced = np.linspace(-1, 1, 128, dtype=np.float32)
    for row, doubt in enumerate((Doubt({90: (0,), 95: (0, 4, 2)}, 1.5, reduced), None, Doubt({}))):
        shares = np.array([0.6, 0, 0.1, 0, 0.3, 0, 0], np.float32)
        given = replace(prediction(0.5), probabilities=shares, doubt=doubt)
        columns.put(row, given, HAM10000_DIAGNOSES)
    columns.grow(5)
    found = columns.get(0).doubt
    assert found.sets == {90: (0,), 95: (0, 4, 2)}
    assert (found.outlier, found.flagged) == (1.5, True)
    assert np.allclose(found.reduced, reduced, atol=1e-3)
    assert columns.get(1).doubt is None
    empty = columns.get(2).doubt
    assert (empty.sets, empty.outlier, empty.flagged, empty.reduced) == ({}, None, None, None)
    assert np.array_equal(columns.doubts.outlier, [1.5, *[np.nan] * 4], equal_nan=True)
    columns.put(0, None, HAM10000_DIAGNOSES)
    assert np.isnan(columns.doubts.outlier[0])
