"""A widget in a real JupyterLab: the kernel draws at every move."""

import os
import socket
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from notebooks import NOTEBOOK_METADATA
from test_widgets import SETUP, drawn

CELLS = [SETUP, 'explore(power, alt=says, n=Slider([1, 2, 3], label="power"))']
OFFLINE = ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.news_url=None"]
PATIENCE = 120


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def lab(tmp_path):
    """Start JupyterLab on a notebook with a widget, and return its address."""
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in CELLS], metadata=NOTEBOOK_METADATA)
    nbformat.write(notebook, tmp_path / "a.ipynb")
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = os.environ | {name: str(tmp_path / name) for name in names}
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", *OFFLINE]
    command += ["--ServerApp.port_retries=0", "--IdentityProvider.token=", f"--notebook-dir={tmp_path}"]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + PATIENCE
        while not answers(address):
            assert server.poll() is None, (tmp_path / "log").read_text()[-2000:]
            assert time.monotonic() < end, (tmp_path / "log").read_text()[-2000:]
            time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait(PATIENCE)


def answers(address):
    try:
        return urlopen(f"{address}/api").status == 200
    except URLError:
        return False


def test_with_a_kernel_a_move_draws_anew(lab, browser):
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(f"{lab}/lab/tree/a.ipynb")
        page.locator(".jp-Notebook .jp-CodeCell").nth(1).wait_for()
        page.get_by_text("| Idle").wait_for()  # cells run before the kernel is there are forgotten
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        frame = page.locator(".infodyn-frame")
        frame.wait_for()
        assert (frame.get_attribute("src"), frame.get_attribute("alt")) == drawn(n=2)
        page.locator(".noUi-handle").focus()
        page.keyboard.press("ArrowRight")
        page.locator(f'.infodyn-frame[alt="{drawn(n=3)[1]}"]').wait_for()
        assert frame.get_attribute("src") == drawn(n=3)[0]
