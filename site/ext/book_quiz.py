"""Questions for self-checking: each answer says at once whether and why it is right. No script, no score.

A question is an admonition of the class ``quiz``, with a list of answers, each marked ``[ ]`` or ``[x]`` and followed
by a quotation, its reason, which for a wrong answer begins with the name of the misconception and has a link.
"""

import re

MARK = re.compile(r"^\[([ x])\] ")


def show_quizzes(body):
    """Make of each quiz in ``body``, a page's parsed HTML, a set of radio buttons with reasons."""
    for box in body.select("div.admonition.quiz"):
        name, title = box["id"], box.select_one(".admonition-title")
        answers = box.select("ul")[-1]
        entries = answers.find_all("li", recursive=False)
        marks = [MARK.match(it.get_text().lstrip()) for it in entries]
        if not 2 <= len(entries) <= 5 or not all(marks) or [it[1] for it in marks].count("x") != 1:
            raise ValueError(f"the quiz {name} must have two to five answers, of which one is marked [x]")
        box.name, title.name, title["class"] = "fieldset", "legend", ["quiz-title"]
        box["class"], box.attrs["id"] = ["quiz"], name
        for number, (entry, mark) in enumerate(zip(entries, marks, strict=True)):
            right, reason = mark[1] == "x", entry.blockquote
            named = reason and reason.p.find(True) is not None and reason.p.find(True).name == "strong"
            if not reason or not (right or named and reason.a):
                raise ValueError(
                    f"answer {number + 1} of the quiz {name} must have a reason, after >, and a wrong one "
                    "a reason that begins with the name of the misconception and has a link"
                )
            reason = reason.extract()
            said, label = body.new_tag("div"), body.new_tag("label")
            said.attrs = {"class": "right" if right else "wrong", "id": f"{name}-{number}"}
            verdict = body.new_tag("b")
            verdict.string = "Yes. " if right else "No. "
            reason.p.insert(0, verdict)
            said.extend(list(reason.div.children) if reason.div else list(reason.children))
            text = entry.p or entry
            first = text.find(string=re.compile(r"\S"))
            first.replace_with(MARK.sub("", first.lstrip()))
            words = body.new_tag("span")
            words.extend(list(text.children))
            button = {"type": "radio", "name": name, "aria-describedby": said["id"]}
            label.extend([body.new_tag("input", attrs=button), words])
            answers.insert_before(label, said)
        answers.extract()
