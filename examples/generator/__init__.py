"""The generator of the example evidence repository."""
