"""`python -m pipelines` is `yimatong`."""

from pipelines.cli import main

if __name__ == "__main__":
    main()
