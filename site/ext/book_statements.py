"""The directive ``statements``: all numbered statements of the book, chapter by chapter, with links."""

from itertools import groupby

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective


def setup(app):
    app.add_directive("statements", Statements)
    app.add_post_transform(FillStatements)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class statements(nodes.General, nodes.Element):  # noqa: N801, as docutils names its nodes
    """Where the list will stand, once every chapter has been read."""


class Statements(SphinxDirective):
    def run(self):
        return [statements()]


class FillStatements(SphinxPostTransform):
    default_priority = 5  # at 10 references are resolved, which these are

    def run(self, **kwargs):
        for place in list(self.document.findall(statements)):
            place.replace_self([it for chapter in self.chapters() for it in self.entry(*chapter)])

    def chapters(self):
        """Names of the chapters that state something, in the order of the contents, with what they state."""
        found = groupby(self.env.proof_list.values(), lambda it: it["docname"])
        stated = {name: list(entries) for name, entries in found}
        return [(name, stated[name]) for name in self.env.toctree_includes[self.config.root_doc] if name in stated]

    def entry(self, chapter, entries):
        doctree = self.env.get_doctree(chapter)
        items = nodes.bullet_list()
        for label in [it["label"] for it in entries]:
            (statement,) = doctree.findall(
                lambda it, label=label: label in getattr(it, "attributes", {}).get("ids", ())
            )
            title = [it.deepcopy() for it in statement.next_node(nodes.title).children]
            items += nodes.list_item(
                "", nodes.paragraph("", "", self.reference("prf", "ref", label), nodes.Text(" "), *title)
            )
        return nodes.rubric("", "", self.reference("std", "doc", f"/{chapter}")), items

    def reference(self, domain, kind, target):
        name = nodes.inline("", target) if domain == "prf" else nodes.inline("", self.env.titles[target[1:]].astext())
        return pending_xref(
            "",
            name,
            refdomain=domain,
            reftype=kind,
            reftarget=target,
            refexplicit=domain == "std",
            refdoc=self.env.docname,
        )
