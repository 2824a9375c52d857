"""What the Dags share: assets, pools, defaults, steps. What is imported as they are parsed is light."""
