def test_demographic_parity_between_languages(model):
    assert abs(model.rate(model.slice("de")) - model.rate(model.slice("en"))) <= 0.10


def test_equal_opportunity_between_languages(model):
    german, english = ([row for row in model.slice(code) if row["label"]] for code in ("de", "en"))
    assert abs(model.rate(german) - model.rate(english)) <= 0.08


def test_slices_are_large_enough(model):
    assert all(len(model.slice(code)) >= 200 for code in ("de", "en"))
