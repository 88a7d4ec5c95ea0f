"""The published evidence: findings, the rows that a model is held against, and statistics of real grade books."""
