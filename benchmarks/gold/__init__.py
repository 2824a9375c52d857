"""Public sets whose truth is known, linked by the engine's own means with comparisons of their own."""
