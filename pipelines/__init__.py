"""The order of the journey: sources, landing, cleaning, flows, the command line, the synthetic province."""
