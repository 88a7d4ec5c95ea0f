"""Planning of a real study: what its classes would show, and what measurements would say, in the model."""
