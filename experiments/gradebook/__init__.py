"""Grade books: simulated ones as a school keeps them, real ones as they are read, and what both say of failing."""
