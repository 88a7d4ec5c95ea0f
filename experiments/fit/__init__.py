"""The fit: which numbers of the model go with the published evidence, with a cycle of failing and without."""
