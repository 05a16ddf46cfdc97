"""``python -m pytest tests/golden --regenerate`` writes the golden files anew; read the diff before a commit."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate", action="store_true", help="write the golden files of tests/golden anew")


@pytest.fixture
def regenerate(request: pytest.FixtureRequest) -> bool:
    """Whether to write instead of compare; the option is unknown when this folder is not named on the command line."""
    return bool(request.config.getoption("--regenerate", default=False))
