"""The examples that a newcomer copies run as they stand."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("page", ["README.md", "book/api.md"])
def test_examples_run(page, capsys):
    examples = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    assert examples
    for example in examples:
        exec(compile(example, page, "exec"), {})
    if "print(" in "".join(examples):
        assert re.search(r"\d", capsys.readouterr().out)
