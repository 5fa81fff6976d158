"""How Sphinx shows an interactive figure: its still picture, in a box with its name and data for the site's scripts."""

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
            renderer.waiting_figure = place, data.content
            return []
        if data.mime_type == PICTURE and getattr(renderer, "waiting_figure", (None,))[0] == place:
            known = "".join(f' data-{key}="{value}"' for key, value in renderer.waiting_figure[1].items())
            return [
                _html(f'<div class="interactive"{known}><div>'),
                *renderer.render_image(data),
                _html("</div></div>"),
            ]
        return None


def _html(text):
    return nodes.raw("", text, format="html")
