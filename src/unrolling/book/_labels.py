"""Labels of curves, where each stands beside its curve and over nothing else."""

import numpy as np

INK, RULE = "#222222", "#999999"
GAP = 3  # points between a label and its curve, and around it
# What part of a label is left of its point, and what part below.
PLACES = np.array([(0, 0), (0, 1), (1, 0), (1, 1), (0.5, 0), (0.5, 1)])


def label_lines(axes, labels):
    """Write ``labels``, from lines of ``axes`` to texts, beside the lines, and say whether that was possible.

    A label has the colour of its line. It stands as far to the right as it is within the axes and over no line and no
    other label. If there is no such place for one of them, nothing is written. The figure must have been laid out.
    """
    gap = GAP * axes.figure.dpi / 72
    low, high = axes.bbox.p0, axes.bbox.p1
    paths = {line: _path(line, low, high) for line in axes.lines}
    taken = np.concatenate(list(paths.values()))
    texts = []
    for line, label in labels.items():
        style = {"color": INK if line.get_color() == RULE else line.get_color(), "fontsize": 9.5, "va": "bottom"}
        text = axes.text(0, 0, label, transform=axes.figure.transFigure, **style)
        texts.append(text)
        size = text.get_window_extent().size
        points = paths[line][np.argsort(-paths[line][:, 0], kind="stable")][:: max(1, len(paths[line]) // 100)]
        corners = (points[:, None] - PLACES * size + gap * np.sign(0.5 - PLACES)).reshape(-1, 2)
        corners = corners[((corners > low) & (corners + size < high)).all(axis=1)]
        free = [it for it in corners if not ((taken > it - gap / 2) & (taken < it + size + gap / 2)).all(axis=1).any()]
        if not free:
            for it in texts:
                it.remove()
            return False
        text.set_position(free[0] / axes.figure.bbox.size)
        inside = np.stack(np.meshgrid(*np.linspace(free[0], free[0] + size, 12).T), axis=-1)
        taken = np.concatenate([taken, inside.reshape(-1, 2)])
    return True


def _path(line, low, high):
    """Points on the visible part of ``line``, in pixels, close to each other."""
    corners = line.get_transform().transform(np.column_stack(line.get_data()))
    corners = corners[np.isfinite(corners).all(axis=1)]
    counts = [max(2, int(it / 4)) for it in np.abs(np.diff(corners, axis=0)).max(axis=1)]
    pieces = [np.linspace(*ends, n) for *ends, n in zip(corners[:-1], corners[1:], counts, strict=True)]
    points = np.concatenate([corners[:1], *pieces])
    return points[((points >= low) & (points <= high)).all(axis=1)]
