"""Properties are tried on the same examples each time, however slow the machine is.

`HYPOTHESIS_PROFILE=thorough` tries many more of them.
"""

import os

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.register_profile("thorough", settings.get_profile("steady"), max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
