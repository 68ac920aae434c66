"""What the tests import by plain names stands beside this folder, also for python -m tests.kills."""

import sys
from pathlib import Path

if str(Path(__file__).parent.parent) not in sys.path:
    sys.path.append(str(Path(__file__).parent.parent))
