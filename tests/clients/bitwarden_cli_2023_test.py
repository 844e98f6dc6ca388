#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The official Bitwarden CLI of 2023.

It loses its own state now and then (Bw.recall() says how), so a first failure is not yet a verdict: the
whole life is led once more, with a new account. What the server does wrong it does wrong twice.
"""

import unittest

from bitwarden_life import Life
from suite import main


class Of2023(Life, unittest.TestCase):
    version = "old"


if __name__ == "__main__":
    main(attempts=2)
