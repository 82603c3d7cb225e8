import pytest


def test_hold_out_result_is_above_the_floor(model):
    assert model.accuracy(model.rows) >= model.floor


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_language_is_above_the_floor(model, language):
    assert model.accuracy(model.slice(language)) >= model.floor


def test_scores_are_probabilities(model):
    assert all(0.0 <= row["score"] <= 1.0 for row in model.rows)


def test_beats_the_majority_class(model):
    majority = sum(not row["label"] for row in model.rows) / len(model.rows)
    assert model.accuracy(model.rows) > majority + 0.1


def test_hold_out_set_is_large_enough(model):
    assert len(model.rows) >= 4000
