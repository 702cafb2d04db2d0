"""Glossary, citations and references are in order, and agree with the files around the book."""

import re
from pathlib import Path

import pytest
import yaml
from pybtex.database import parse_file, parse_string

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*(ROOT / "book").glob("*.md"), *(ROOT / "book").glob("*.ipynb")]
REFERENCES = parse_file(ROOT / "book" / "references.bib").entries
NEEDED = {
    "article": {"title", "journal", "year"},
    "book": {"title", "publisher", "year"},
    "inproceedings": {"title", "booktitle", "year"},
    "misc": {"title", "howpublished", "year"},
}


def read(page):
    return (ROOT / page).read_text(encoding="utf-8")


def terms():
    return re.findall(r"^(?![`\s#])(\S.*)\n  \S", read("book/glossary.md"), re.MULTILINE)


def test_the_glossary_is_in_alphabetical_order_and_explains_each_term_once():
    assert len(terms()) >= 50
    keys = [term.lower() for term in terms()]
    assert keys == sorted(set(keys))


def test_most_terms_lead_to_where_they_are_introduced():
    entries = read("book/glossary.md").split("````")[1].split("\n\n")
    leading = [entry for entry in entries if re.search(r"\{(ref|doc)\}`", entry)]
    assert len(leading) >= 0.85 * len(terms())


def test_the_paper_is_cited_as_everywhere():
    blocks = re.findall(r"```bibtex\n(.*?)```", read("book/cite.md"), re.DOTALL)
    paper, book = (next(iter(parse_string(block, "bibtex").entries.values())) for block in blocks)
    citation = yaml.safe_load(read("CITATION.cff"))
    (cited,) = citation["references"]
    own = REFERENCES["stancevic2026"]
    assert {key: paper.fields[key] for key in own.fields} == dict(own.fields)
    assert paper.persons == own.persons
    assert paper.fields["doi"] == cited["doi"]
    assert paper.fields["note"] == cited["identifiers"][0]["value"]
    assert book.fields["title"] == citation["title"]
    assert book.fields["note"] == f"Version {citation['version']}"
    assert str(book.persons["author"][0]).strip("{}") == citation["authors"][0]["name"]


@pytest.mark.parametrize("key", REFERENCES)
def test_a_reference_is_complete_and_cited(key):
    entry = REFERENCES[key]
    assert NEEDED[entry.type] <= set(entry.fields)
    assert entry.persons.get("author")
    assert re.fullmatch(r"\d{4}", entry.fields["year"])
    cited = rf"\{{cite:[tp]\}}`[^`]*\b{re.escape(key)}\b"
    assert any(re.search(cited, page.read_text(encoding="utf-8")) for page in PAGES), "cite it or drop it"
