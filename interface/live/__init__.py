"""The Mesa view: two classes in Mesa's SolaraViz, with every number of the parameter table, on this computer alone."""
