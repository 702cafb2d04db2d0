"""The files around the package say the same thing, and nothing about the machine they were written on."""

import inspect
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import infodyn_book
import pytest
import set_up
import yaml
from packaging.requirements import Requirement

import infodyn

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "requirements.lock").read_text().splitlines()[1:]
LOCKED = {re.sub(r"[-_.]+", "-", line.split("==")[0]).lower(): line.split("==")[-1] for line in LOCK}


def own_files():
    """Return every text file of the project: what git tracks or would track."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def test_the_lock_is_exact_and_names_no_address():
    assert [line for line in LOCK if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []


def test_the_lock_holds_what_pyproject_asks_for():
    extras = PROJECT["optional-dependencies"]
    locked = (text for name in ("book", "coursework", "dev", "scale") for text in extras[name])
    for text in [*PROJECT["dependencies"], *locked]:
        wanted = Requirement(text)
        version = LOCKED[re.sub(r"[-_.]+", "-", wanted.name).lower()]
        assert wanted.specifier.contains(version), f"{text}, but the lock has {version}: run `make lock`"


def test_these_are_the_locked_versions():
    installed = {name: metadata.version(name) for name in LOCKED}
    assert installed == LOCKED, "run `make test`, which installs them"


def test_environment_yml_is_the_same_as_pyproject_and_the_lock():
    dependencies = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    assert dependencies == [
        "python" + PROJECT["requires-python"],
        "pip",
        {"pip": ["-r requirements.lock", "-e ."]},
    ]


def test_no_progress_bar_insists_on_being_seen():
    """``disable=False`` in a call is stronger than TQDM_DISABLE, which keeps bars out of the book."""
    modules = (ROOT / "infodyn").glob("*.py")
    assert [path.name for path in modules if re.search(r"tqdm\([^#]*?\bdisable=", path.read_text())] == []


def test_one_version_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == PROJECT["version"] == metadata.version("infodyn")
    assert f"\n## {PROJECT['version']} " in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a path of one machine", r"/(?:home|root|tmp|work|Users)/[a-z]"),
        ("the address of a package registry", r"(?:pypi|npmjs|anaconda)\.org|pythonhosted"),
    ],
)
def test_no_file_names(what, pattern):
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in own_files()
        if path != Path(__file__)
        for match in re.finditer(pattern, path.read_text(encoding="utf-8"))
    ]
    assert found == [], what


def is_method(member):
    return callable(member) or isinstance(member, property)


def test_every_public_name_is_documented():
    names = {name: getattr(infodyn, name) for name in infodyn.__all__}
    for name, thing in list(names.items()):
        if inspect.isclass(thing):
            members = {m: getattr(thing, m) for m in dir(thing) if not m.startswith("_")}
            names |= {f"{name}.{m}": member for m, member in members.items() if is_method(member)}
    undocumented = [name for name, thing in names.items() if not inspect.getdoc(thing)]
    assert undocumented == []


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]])
def test_style(command):
    ruff = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "."], cwd=ROOT, capture_output=True, text=True
    )
    assert ruff.returncode == 0, ruff.stdout + "\nrun `make format`"


@pytest.fixture
def copy(tmp_path):
    """Return a copy of what a notebook computes with."""
    shutil.copytree(ROOT / "infodyn", tmp_path / "infodyn", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    return tmp_path


@pytest.mark.parametrize("changed", ["infodyn/checks.py", "infodyn/plots/style.py", "requirements.lock"])
def test_a_changed_formula_or_version_changes_the_cache(copy, changed):
    before = infodyn_book.cache_key(copy)
    assert before == infodyn_book.cache_key(ROOT)
    path = copy / changed
    path.write_text(re.sub("2", "3", path.read_text(), count=1))
    assert infodyn_book.cache_key(copy) != before


def test_only_the_present_cache_is_kept(copy):
    app = SimpleNamespace(srcdir=copy, outdir=copy / "_build" / "html")
    config = SimpleNamespace()
    old = copy / "_build" / "cache" / "old"
    old.mkdir(parents=True)
    infodyn_book.set_up_execution(app, config)
    assert not old.exists()
    assert Path(config.nb_execution_cache_path) == old.with_name(infodyn_book.cache_key(copy))


def test_an_old_python_gets_a_sentence(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"(?s)Python 3\.9, and infodyn needs 3\.11.*PYTHON=python3"):
        set_up.check_python()


def test_a_python_without_venv_gets_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match=r"(?s)without its module ensurepip.*apt-get install python3-venv"):
        set_up.check_python()


def test_no_python_gets_a_sentence(tmp_path):
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    make = ["make", "book", "PYTHON=no-such-python"]
    tried = subprocess.run(make, cwd=tmp_path, capture_output=True, text=True)
    assert tried.returncode != 0
    assert "there is no no-such-python: install it" in tried.stdout


@pytest.mark.parametrize("repository", ["", "https://example.org/a/b"])
@pytest.mark.parametrize("site", ["", "https://example.org/book/"])
def test_buttons_and_cards_appear_with_their_addresses_and_not_before(repository, site):
    options = {"repository_url": repository, "launch_buttons": {}}
    config = SimpleNamespace(html_theme_options=options, html_baseurl=site)
    infodyn_book.set_up_theme(None, config)
    assert options.get("use_repository_button", False) == bool(repository)
    assert set(options["launch_buttons"]) == ({"binderhub_url", "colab_url"} if repository else set())
    assert config.ogp_site_url == site
    assert config.ogp_social_cards["enable"] == bool(site)
