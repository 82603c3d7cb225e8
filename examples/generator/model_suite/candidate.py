"""A stand-in for a trained model: a seeded scorer on a seeded hold-out set, in nothing but the standard library."""

import random


class Candidate:
    def __init__(self, model_id, version, floor):
        self.rng = random.Random(f"candidate {model_id} {version}")
        self.floor = floor
        self.rows = [self._row() for _ in range(4000)]

    def _row(self):
        label = self.rng.random() < 0.4
        language = "en" if self.rng.random() < 0.3 else "de"
        score = min(1.0, max(0.0, self.rng.gauss(0.68 if label else 0.3, 0.13)))
        return {"label": label, "language": language, "score": score}

    def predict(self, row, noise=0.0):
        return row["score"] + self.rng.uniform(-noise, noise) > 0.49

    def accuracy(self, rows):
        return sum(self.predict(row) == row["label"] for row in rows) / len(rows)

    def rate(self, rows):
        return sum(self.predict(row) for row in rows) / len(rows)

    def slice(self, language):
        return [row for row in self.rows if row["language"] == language]
