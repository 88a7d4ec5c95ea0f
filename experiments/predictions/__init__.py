"""The predictions of both claims: what each says of which figures, and under which policies it is tried."""
