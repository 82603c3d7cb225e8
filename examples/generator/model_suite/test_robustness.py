import pytest


@pytest.mark.parametrize("noise", [0.01, 0.02, 0.05])
def test_small_noise_changes_few_answers(model, noise):
    changed = sum(model.predict(row) != model.predict(row, noise) for row in model.rows)
    assert changed / len(model.rows) <= 0.08


def test_extreme_scores_are_stable(model):
    extreme = [row for row in model.rows if abs(row["score"] - 0.49) > 0.1]
    assert all(model.predict(row) == model.predict(row, 0.09) for row in extreme)
