"""The course for other systems, and its two archives: python course/export.py LABELS SITE COURSE

COURSE is the folder with student/, handout/ and instructor/ (course/handouts.py), exam/, and slides/. It gets

grader/           course/grade.py with what it needs, as it runs on any machine
export/gradescope one archive for each chapter or problem set with tests, to upload as its autograder
export/classroom50 one folder for each, to put into autograders/ of a Classroom 50 repository
export/moodle     the questions for self-checking as Moodle XML, a category for each chapter
export/canvas     the same as QTI 1.2, as Canvas reads it, a quiz for each chapter
student.zip       the chapters' notebooks, the library's wheel, how to run them; no graded work, nothing of a solution
instructor.zip    all of the rest

Formulas of the questions are written \\( \\), which both typeset. The forms follow what these systems document, and
tests hold them to it; none of it was tried in the systems themselves. GitHub Classroom ended in August 2026.
"""

import html
import json
import re
import shutil
import sys
import tomllib
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from handouts import COURSE, Handout, sources
from markdown_it import MarkdownIt
from plain import FORMULA, Plain, Quiz, blocks, is_quiz

TABLE = (COURSE / "course.toml").read_text("utf-8")
QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"

SETUP = """\
#!/usr/bin/env bash
set -e
apt-get install -y python3-pip python3-venv util-linux
python3 -m venv /autograder/environment
/autograder/environment/bin/python -m pip install pytest "$(ls /autograder/source/*.whl)[book]"
"""
RUN = """\
#!/usr/bin/env bash
cd /autograder/source
COURSE_SEED=NUMBER /autograder/environment/bin/python gradescope.py
"""
GRADESCOPE = '''\
"""Gradescope's results.json, from what grade.py finds."""

import json
from pathlib import Path

from grade import grade

HERE, AUTOGRADER = Path(__file__).parent, Path("/autograder")


def results(found):
    """A test for each exercise, with what was said."""
    tests = [
        {"name": label, "score": it["points"], "max_score": it["of"], "output": "\\n".join(it["messages"])}
        for label, it in found["exercises"].items()
    ]
    return {"tests": tests, "output": "\\n".join(found["remarks"]), "visibility": "visible"}


if __name__ == "__main__":
    notebooks = sorted((AUTOGRADER / "submission").rglob("*.ipynb"))
    if notebooks:
        written = results(grade(notebooks[0], next(HERE.glob("tests/test_*.py"))))
    else:
        written = {"score": 0, "output": "There is no notebook in what was submitted."}
    (AUTOGRADER / "results/results.json").write_text(json.dumps(written), "utf-8")
'''
CLASSROOM50 = '''\
"""Classroom 50's result.json (classroom50/result/v1), from what grade.py finds in the notebook of the repository."""

import json
import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
CONTEXT = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}


def result(found, environment):
    """The outcome of each exercise; what was said is printed, as the form has no place for it."""
    tests = [
        {"test-name": label, "passed": it["points"] == it["of"], "score": it["points"], "max-score": it["of"]}
        for label, it in found["exercises"].items()
    ]
    about = {key: environment.get(name, "") for key, name in CONTEXT.items()}
    about["review"] = about["review"] or about["commit"]
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    totals = {"score": found["points"], "max-score": found["of"]}
    return {"schema": "classroom50/result/v1", **about, "datetime": now, **totals, "tests": tests}


if __name__ == "__main__":
    wheel = next(HERE.glob("*.whl"))
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "pytest", f"{wheel}[book]"], check=True)
    sys.path.insert(0, str(HERE))
    os.environ.setdefault("COURSE_SEED", "NUMBER")
    from grade import grade, show

    submission = next(iter(sorted(Path.cwd().rglob("*.ipynb"))), None)
    if submission is None:
        sys.exit("There is no notebook in what was submitted.")
    found = grade(submission, next(HERE.glob("tests/test_*.py")))
    show(submission, found)
    Path("result.json").write_text(json.dumps(result(found, os.environ), indent=2), "utf-8")
'''
TO_STUDENTS = """\
{title}: notebooks to work in
{line}

Each notebook is a chapter with places for your answers. They need Python 3.11 or newer and the
library, {wheel}, which is here.

On your machine, in this folder:

    python -m venv environment
    environment/bin/python -m pip install jupyterlab "{wheel}[book]"
    environment/bin/jupyter lab

(On Windows: environment\\Scripts\\python, environment\\Scripts\\jupyter.)

In Colab: open a notebook (File, Upload notebook), upload {wheel} with the folder symbol on the left, and run first,
in a cell of its own:

    %pip install --quiet "{wheel}[book]"

Without network: on a machine like yours that has network, fetch the packages into this folder, and bring it along:

    python -m pip download --dest packages jupyterlab "{wheel}[book]"
    environment/bin/python -m pip install --no-index --find-links packages jupyterlab "{wheel}[book]"

Until you write them, the functions raise NotImplementedError; everything else runs. Hand in the notebook itself,
run or not, where and when your course says.

Chapters, by their numbers, which "Theorem 6.1" begins with:

{contents}
"""
TO_INSTRUCTORS = """\
{title}: for those who teach it
{line}

instructor/   the notebooks with solutions, outputs and all tests
student/      what students get; the same as in student.zip
handout/      problem sets and project without solutions, to give out when it is time
exam/         a paper and its answers, to print from a browser
samples/      how a report is read, and three reports with their points
grader/       python grader/grade.py --into FOLDER NOTEBOOK ...   needs pytest and the library
wrong/        known wrong answers, each with the message that the tests give it
export/       gradescope/: upload an archive as the autograder of an assignment
              classroom50/: put a folder into autograders/ of the classroom's repository
              moodle/, canvas/: the questions for self-checking, to import
              (Written after the systems' documentation; not tried in them.)
slides/       open a deck in a browser; S shows the notes

Seed of the problem sets: {seed}. Grade with the same COURSE_SEED.
"""


def markup(text, plain, page):
    """Markdown of the book as HTML, with its formulas in \\\\( \\\\)."""
    formulas = []

    def keep(match):
        if match["ticks"]:
            return match[0]
        formulas.append(f"\\({match[0].strip('$').strip()}\\)")
        return f"FORMULA{len(formulas) - 1}FORMULA"

    rendered = MarkdownIt().render(FORMULA.sub(keep, plain.text(text, page))).strip()
    return re.sub(r"FORMULA(\d+)FORMULA", lambda it: html.escape(formulas[int(it[1])], quote=False), rendered)


def quizzes(labels):
    """Each chapter's title, and its questions, in HTML."""
    plain = Plain(labels)
    for handout in (Handout(path, labels) for path in sources()):
        texts = ["".join(it["source"]) for it in handout.notebook["cells"] if it["cell_type"] == "markdown"]
        found = [Quiz.of(it) for text in texts for it in blocks(text) if is_quiz(it)]
        for it in found:
            it.question = markup(it.question, plain, handout.page)
            it.answers = [
                (markup(said, plain, handout.page), right, markup(why, plain, handout.page))
                for said, right, why in it.answers
            ]
        if found:
            yield handout, next(re.match(r"(?:\(.*\)=\n)?# (.*)", text)[1] for text in texts), found


def element(parent, tag, text=None, **attributes):
    it = ElementTree.SubElement(parent, tag, attributes)
    it.text = text
    return it


def document(root):
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def moodle(chapters):
    """All questions as Moodle XML."""
    root = ElementTree.Element("quiz")
    for _, title, questions in chapters:
        category = element(element(root, "question", type="category"), "category")
        element(category, "text", f"$course$/top/{title.replace('/', '//')}")
        for it in questions:
            question = element(root, "question", type="multichoice")
            element(element(question, "name"), "text", it.title)
            element(element(question, "questiontext", format="html"), "text", it.question)
            for tag, value in (
                ("defaultgrade", "1"),
                ("penalty", "0.3333333"),
                ("hidden", "0"),
                ("idnumber", it.label),
            ):
                element(question, tag, value)
            for tag, value in (("single", "true"), ("shuffleanswers", "true"), ("answernumbering", "abc")):
                element(question, tag, value)
            for said, right, why in it.answers:
                answer = element(question, "answer", fraction="100" if right else "0", format="html")
                element(answer, "text", said)
                element(element(answer, "feedback", format="html"), "text", why)
    return document(root)


def assessment(name, title, questions):
    """The questions of a chapter as an assessment of QTI 1.2."""
    root = ElementTree.Element("questestinterop", xmlns=QTI)
    section = element(element(root, "assessment", ident=name, title=title), "section", ident="root_section")
    for it in questions:
        item = element(section, "item", ident=it.label, title=it.title)
        metadata = element(element(item, "itemmetadata"), "qtimetadata")
        for label, entry in (("question_type", "multiple_choice_question"), ("points_possible", "1")):
            pair = element(metadata, "qtimetadatafield")
            element(pair, "fieldlabel", label)
            element(pair, "fieldentry", entry)
        presentation = element(item, "presentation")
        material(presentation, it.question)
        choices = element(presentation, "response_lid", ident="response1", rcardinality="Single")
        choices, idents = element(choices, "render_choice"), [f"{it.label}-{n}" for n in range(len(it.answers))]
        processing = element(item, "resprocessing")
        element(
            element(processing, "outcomes"), "decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal"
        )
        for ident, (said, _, _) in zip(idents, it.answers, strict=True):
            material(element(choices, "response_label", ident=ident), said)
            feedback = condition(processing, ident, "Yes")
            element(feedback, "displayfeedback", feedbacktype="Response", linkrefid=f"{ident}_fb")
        right = next(ident for ident, answer in zip(idents, it.answers, strict=True) if answer[1])
        element(condition(processing, right, "No"), "setvar", "100", action="Set", varname="SCORE")
        for ident, (_, _, why) in zip(idents, it.answers, strict=True):
            material(element(element(item, "itemfeedback", ident=f"{ident}_fb"), "flow_mat"), why)
    return document(root)


def material(parent, text):
    element(element(parent, "material"), "mattext", text, texttype="text/html")


def condition(parent, ident, goes_on):
    it = element(parent, "respcondition", **{"continue": goes_on})
    element(element(it, "conditionvar"), "varequal", ident, respident="response1")
    return it


def manifest(names):
    root = ElementTree.Element("manifest", identifier="course", xmlns=PACKAGE)
    metadata = element(root, "metadata")
    element(metadata, "schema", "IMS Content")
    element(metadata, "schemaversion", "1.1.3")
    element(root, "organizations")
    resources = element(root, "resources")
    for name in names:
        resource = element(resources, "resource", identifier=name, type="imsqti_xmlv1p2")
        element(resource, "file", href=f"{name}/{name}.xml")
    return document(root)


def archive(path, files):
    """Write ``files``, contents by name, the same archive whenever it is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as it:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            runs = name.endswith((".sh", "run_autograder"))
            entry.external_attr = (0o755 if runs else 0o644) << 16
            it.writestr(entry, content)


def within(folder, name=""):
    """All files below a folder, by the names that they have in it, below ``name``."""
    paths = [it for it in folder.rglob("*") if it.is_file() and "__pycache__" not in it.parts]
    return {f"{name}{it.relative_to(folder).as_posix()}": it.read_bytes() for it in paths}


def grader(names=None):
    """The grader's files, with the tests of some chapters only if they are named."""
    files = {it: (COURSE / it).read_bytes() for it in ("grade.py", "answers.py", "tests/conftest.py")}
    tests = [it for it in COURSE.glob("tests/test_*.py") if not names or it.stem.removeprefix("test_") in names]
    return files | {f"tests/{it.name}": it.read_bytes() for it in tests}


def put(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def main(labels, site, folder):
    wheel = next(site.glob("*.whl"))
    library = {wheel.name: wheel.read_bytes()}
    export = folder / "export"
    for old in (export, folder / "grader"):
        shutil.rmtree(old, ignore_errors=True)
    put(folder / "grader", grader())
    handouts = [Handout(path, labels) for path in sources()]
    for it in handouts:
        if it.tests:
            name = it.name.replace("-", "_")
            files = grader([name]) | library
            gradescope = {
                "setup.sh": SETUP,
                "run_autograder": RUN.replace("NUMBER", it.seed),
                "gradescope.py": GRADESCOPE,
            }
            archive(export / "gradescope" / f"{it.name}.zip", files | gradescope)
            put(
                export / "classroom50" / it.name,
                files | {"autograder.py": CLASSROOM50.replace("NUMBER", it.seed).encode()},
            )
    chapters = list(quizzes(labels))
    put(export / "moodle", {"quizzes.xml": moodle(chapters)})
    names = [handout.name for handout, _, _ in chapters]
    quiz = {f"{it.name}/{it.name}.xml": assessment(it.name, title, found) for it, title, found in chapters}
    archive(export / "canvas" / "quizzes.zip", quiz | {"imsmanifest.xml": manifest(names)})
    said = {"title": json.loads(labels.read_text("utf-8")).get("title", ""), "wheel": wheel.name}
    sessions = {name: f", session {it['number']}" for it in tomllib.loads(TABLE)["session"] for name in it["chapters"]}
    chapters = [(*it.title, it.name) for it in handouts if it.folder == "student"]
    said["contents"] = "\n".join(
        f"{number:>2}  {title} ({name}.ipynb){sessions.get(name, '')}"
        for number, title, name in sorted(chapters, key=lambda it: int(it[0] or 0))
    )
    said |= {"line": "=" * 60, "seed": handouts[0].seed if handouts else ""}
    archive(
        folder / "student.zip",
        within(folder / "student") | library | {"README.txt": TO_STUDENTS.format_map(said)},
    )
    files = (
        within(COURSE / "wrong", "wrong/")
        | within(COURSE / "samples", "samples/")
        | library
        | {"README.txt": TO_INSTRUCTORS.format_map(said)}
    )
    for part in ("instructor", "student", "handout", "exam", "grader", "export", "slides"):
        files |= within(folder / part, f"{part}/")
    archive(folder / "instructor.zip", files)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
