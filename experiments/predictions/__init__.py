"""The predictions of both claims, in the cells in which they are tried, and how far the prior alone decides them."""
