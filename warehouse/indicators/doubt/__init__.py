"""What doubtful links do to figures: replicates in which doubtful records err once more, and intervals from them."""
