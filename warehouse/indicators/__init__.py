"""The indicators: the catalogue, the cube it is counted in, and the figures made of it."""
