"""The classroom page: one HTML file that holds the model itself, two classrooms, and all its words."""
