"""`python -m pipelines` is `yimatong`."""

from pipelines.cli import main

main()
