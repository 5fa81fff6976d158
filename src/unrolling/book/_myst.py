"""How Sphinx shows an interactive figure: its still picture, in a box that tells the site's interactive.js its name."""

from docutils import nodes

from unrolling.book.interactive import MIME

PICTURE = "image/svg+xml"


class InteractiveFigure:
    """A renderer of myst-nb, which finds it by the entry point in ``pyproject.toml``.

    It is called for each form of an output, one after the other: the name comes before its picture and waits for it.
    An output without a name is left to myst-nb.
    """

    @staticmethod
    def handle_mime(renderer, data, inline):
        place = data.cell_index, data.output_index
        if data.mime_type == MIME:
            renderer.waiting_figure = place, data.content["figure"]
            return []
        if data.mime_type == PICTURE and getattr(renderer, "waiting_figure", (None,))[0] == place:
            before = f'<div class="interactive" data-figure="{renderer.waiting_figure[1]}"><div>'
            return [_html(before), *renderer.render_image(data), _html("</div></div>")]
        return None


def _html(text):
    return nodes.raw("", text, format="html")
