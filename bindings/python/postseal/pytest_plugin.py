"""Fixtures for pytest: postseal_domain and postseal_now."""

import pytest

from . import testing


@pytest.fixture
def postseal_domain() -> testing.Domain:
    """example.com, which does everything right: see postseal.testing.Domain."""
    return testing.Domain("example.com")


@pytest.fixture
def postseal_now() -> int:
    """A fixed clock, in Unix seconds."""
    return testing.NOW
