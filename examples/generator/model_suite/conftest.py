"""Fixes the clock and the host name that pytest writes into its report, so that a run can be repeated byte for byte."""

import os
import platform

import pytest
from _pytest import timing

STARTED = float(os.environ["SUITE_STARTED"])


class Clock:
    """Every reading is 50 ms after the one before."""

    def __init__(self):
        self.readings = 0

    def wall(self):
        return STARTED + self.perf()

    def perf(self):
        self.readings += 1
        return 0.05 * self.readings


clock = Clock()
timing.time = clock.wall
timing.perf_counter = clock.perf
platform.node = lambda: "ci-runner-2"


@pytest.fixture(scope="session")
def model():
    from candidate import Candidate

    return Candidate(os.environ["MODEL_ID"], os.environ["MODEL_VERSION"], float(os.environ["MODEL_FLOOR"]))
