#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The official Bitwarden CLI of 2023."""

import unittest

from bitwarden_life import Life
from suite import main


class Of2023(Life, unittest.TestCase):
    version = "old"


if __name__ == "__main__":
    main()
