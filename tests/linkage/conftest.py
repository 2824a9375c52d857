"""Lets the tests of this folder import `linkage_world`, the tables and the small home that they share."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
