"""Virtual trials: published studies, repeated in simulated classes."""
