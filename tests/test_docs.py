"""What the Markdown files say: links, commands, code, and figures that stand twice."""

import functools
import importlib
import pathlib
import re
import shlex
import textwrap

import pytest
import yaml
from absl import flags
from helpers import module_tree
from test_programs import PROGRAMS, load

import ipcgan

ROOT = pathlib.Path(__file__).parents[1]
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "checkpoints/**/*.md", "images/*.md")
    for path in ROOT.glob(pattern)
)
MOST_WORDS = 900  # of the README.
WEB = "ipcgan-web"  # a program that is installed alone.
# Flags in the text of programs that are not ours.
OTHERS_FLAGS = {"editable", "no-deps"}
# Of each of ours.
COMMON_FLAGS = {"help", "helpfull", "version"}

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_RUNNABLE = re.compile(r"<!-- runnable -->\n```python\n(.*?)^```$", re.DOTALL | re.M)
_PROGRAM = re.compile(r"(?:tools/)?\w+\.py")


def of_each(pages):
    return pytest.mark.parametrize(
        "page", pages, ids=lambda p: str(p.relative_to(ROOT))
    )


each_page = of_each(PAGES)
# The changelog may use old names.
each_page_of_today = of_each([p for p in PAGES if p.name != "CHANGELOG.md"])


def without_code(text):
    return _INLINE.sub("", _FENCE.sub("", text))


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    found = set()
    for heading in _HEADING.findall(_FENCE.sub("", page.read_text())):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        found.add(re.sub(r"[^\w\- ]", "", shown).replace(" ", "-"))
    return found


@functools.cache
def flags_of(program):
    """The flags that a program defines, none of them parsed."""
    if program == "test.py":
        module = importlib.import_module("ipcgan.runs.age.age_program")
    elif program == WEB:
        module = importlib.import_module("ipcgan.web.program")
    elif program.startswith("tools/"):
        module = load(pathlib.Path(program).stem)
    else:
        module = importlib.import_module("ipcgan.runs.train.train_program")
    values = flags.FlagValues()
    module.define_flags(values)
    return frozenset(values)


def commands(text):
    """Yields (program, names of the flags given) of each call of a program."""
    snippets = [
        body for language, body in _FENCE.findall(text) if language in ("", "sh")
    ]
    inline = _INLINE.findall(_FENCE.sub("", text))
    snippets += [code.replace("\n", " ") for code in inline]
    for snippet in snippets:
        for line in re.split(r"\n|&&|[>;|]", snippet.replace("\\\n", " ")):
            words = shlex.split(line, comments=True) if ".py" in line else []
            for before, word, *given in _splits(words):
                if _PROGRAM.fullmatch(word) and before.endswith("python"):
                    yield word, [w[2:].split("=")[0] for w in given if w[:2] == "--"]


def _splits(words):
    """Yields each word between the one before it and those after it."""
    # A line may begin with the program; the name of a module alone is no call.
    if len(words) > 1 or words[:1] and words[0].startswith("tools/"):
        words = ["python", *words]
    return (words[start:] for start in range(len(words) - 1))


def test_a_command_is_found_wherever_it_stands():
    inline = "Run `tools/ablate.py\n--num_faces=3`, then\n"
    block = "```\nA=1 .venv/bin/python test.py \\\n  --no_such=1 > x  # --y\n```\n"
    found = [("test.py", ["no_such"]), ("tools/ablate.py", ["num_faces"])]
    assert list(commands(inline + block)) == found


@each_page
def test_links_lead_somewhere(page):
    for target in _LINK.findall(without_code(page.read_text())):
        if re.match(r"\w+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), f"{target}: no such file"
        if anchor:
            assert anchor in anchors(path), f"{target}: no such heading"


@each_page_of_today
def test_commands_are_of_programs_and_their_flags(page):
    for program, given in commands(page.read_text()):
        assert program in PROGRAMS, f"{program}: no such program"
        for name in given:
            known = flags_of(program) | COMMON_FLAGS
            assert {name, name.removeprefix("no")} & known, f"{program} --{name}"


@each_page_of_today
def test_flags_in_the_text_are_of_some_program(page):
    known = COMMON_FLAGS | OTHERS_FLAGS
    known = known.union(*(flags_of(program) for program in (*PROGRAMS, WEB)))
    text = _FENCE.sub("", page.read_text())
    for name in re.findall(r"--(\w[\w-]*)", " ".join(_INLINE.findall(text))):
        assert name in known, f"--{name}"


@each_page
def test_python_in_the_pages_compiles(page):
    for language, body in _FENCE.findall(page.read_text()):
        if language == "python":
            compile(textwrap.dedent(body), str(page), "exec")


@pytest.mark.parametrize("name", ["README.md", "docs/ageing.md"])
def test_examples_run(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    examples = _RUNNABLE.findall((ROOT / name).read_text())
    assert examples
    for code in examples:
        values = {}
        exec(compile(code, name, "exec"), values)  # noqa: S102
        assert values["aged"].shape[1:] == (2, 128, 128, 3)


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().split()) <= MOST_WORDS


@each_page
def test_no_page_names_a_folder_of_one_machine(page):
    assert not re.search(r"/(?:root|home|work|tmp)/", page.read_text())


def test_the_architecture_page_lists_every_module():
    again = "run python tests/helpers/module_tree.py"
    assert module_tree.as_written() == module_tree.as_it_is(), again


@pytest.mark.parametrize(
    ("page", "heading", "report"),
    [
        ("docs/results.md", "The shipped IPCGAN", "ipcgan_128/report.md"),
        ("docs/results.md", "Whole photographs", "ipcgan_128/photos.md"),
        *(
            (f"checkpoints/{name}/MODEL_CARD.md", "How good it is", f"{name}/*.md")
            for name in ("ipcgan_128", "ragan_128", "age_cgan_64")
        ),
    ],
)
def test_a_table_that_stands_twice_is_the_reports(page, heading, report):
    text = (ROOT / page).read_text()
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = {line for line in section.splitlines() if line.startswith("| ")}
    reports = [p.read_text() for p in (ROOT / "checkpoints").glob(report)]
    written = {
        line for r in reports if "bootstrap intervals" in r for line in r.splitlines()
    }
    assert rows and rows <= written, rows - written


@pytest.mark.parametrize(
    "card",
    sorted((ROOT / "checkpoints").rglob("MODEL_CARD.md")),
    ids=lambda card: card.parent.name,
)
def test_a_card_tells_a_model_hub_what_the_report_says(card):
    _, front, _ = card.read_text().split("---\n", 2)
    told = yaml.safe_load(front)
    licence = told.get("license_name", told["license"])
    assert licence in {"non-commercial-research", "apache-2.0"}
    assert told["library_name"] and told["pipeline_tag"] and told["datasets"]
    report = card.with_name("report.md")
    assert report.is_file() == ("model-index" in told)
    for model in told.get("model-index", ()):
        assert model["name"] == card.parent.name
        rows = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in report.read_text().splitlines()
        ]
        goals = {row[1]: row for row in rows if len(row) == 8}
        (result,) = model["results"]
        for metric in result["metrics"]:
            axis, _, measured, *_ = goals[metric["name"].removesuffix(", %")]
            assert axis == metric["type"]
            assert float(measured.removesuffix(" %")) == metric["value"]


def test_one_version_everywhere():
    version = ipcgan.__version__
    assert f'\nversion = "{version}"\n' in (ROOT / "pyproject.toml").read_text()
    assert f"version: {version}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text()
