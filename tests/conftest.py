"""The built book, and a browser to read it in."""

import fcntl
import subprocess
import sys
from pathlib import Path

import printed
import pytest
from pages import served
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def site():
    """Build the book with its printed edition, quickly where nothing changed, and return its folder."""
    build = [sys.executable, ROOT / "tools" / "book.py", "pdf"]
    (ROOT / "_build").mkdir(exist_ok=True)
    with (ROOT / "_build" / "tests.lock").open("w") as lock:  # one worker builds, the others wait
        fcntl.flock(lock, fcntl.LOCK_EX)
        built = subprocess.run(build, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    end = "\n".join(built.stdout.splitlines()[-40:])
    assert built.returncode == 0, f"`make pdf` fails:\n{end}"
    return ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def addresses(site):
    """Return the site's address by scheme: from the folder, and from a server."""
    with served(site) as address:
        yield {"file": site.as_uri(), "http": address}


@pytest.fixture(scope="session")
def browser():
    """Return a headless Chromium with an empty profile."""
    found = printed.browser()
    assert found, "the tests need Chromium: install it, for instance with `sudo apt-get install chromium`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=printed.FLAGS)
        yield browser
        browser.close()
