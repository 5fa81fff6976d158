"""Labels of curves, where each stands beside its curve and over nothing else."""

import numpy as np
from matplotlib.lines import Line2D

INK, RULE = "#222222", "#999999"
GAP = 3  # points between a label and its curve, and around it
REACH = 30  # points that a thin line may lead from a label to its curve
# What part of a label is left of its point, and what part below.
PLACES = np.array([(0, 0), (0, 1), (1, 0), (1, 1), (0.5, 0), (0.5, 1)])


def label_lines(axes, labels):
    """Write ``labels``, from lines of ``axes`` to texts, beside the lines, and say whether that was possible.

    A label has the colour of its line, and is within the axes and over no line and no other label. It stands as far to
    the right beside its line as it can. If one of them finds no such place, all keep to where their lines are apart,
    and a thin line may lead from a label to its line. If that does not do either, nothing is written. The figure must
    have been laid out.
    """
    return any(_written(axes, labels, reach) for reach in (0, REACH))


def _written(axes, labels, reach):
    gap, reach = np.array([GAP, reach]) * axes.figure.dpi / 72
    low, high = axes.bbox.p0, axes.bbox.p1
    paths = {line: _path(line, low, high) for line in axes.lines}
    taken = np.concatenate(list(paths.values()))
    written = []
    for line, label in labels.items():
        color = INK if line.get_color() == RULE else line.get_color()
        style = {"color": color, "transform": axes.figure.transFigure}
        text = axes.text(0, 0, label, fontsize=9.5, va="bottom", **style)
        written.append(text)
        size = text.get_window_extent().size
        points = paths[line][np.argsort(-paths[line][:, 0], kind="stable")][:: max(1, len(paths[line]) // 100)]
        others = np.concatenate([np.empty((0, 2)), *(path for it, path in paths.items() if it is not line)])
        if reach:
            points = points[_distances(points, others) > 2 * gap]
        beside = (points[:, None] - PLACES * size + gap * np.sign(0.5 - PLACES)).reshape(-1, 2)
        places = [(it, np.empty((0, 2))) for it in beside]
        if reach and len(points):
            places += _away(points, size, np.stack(np.meshgrid(*map(np.arange, low, high, [gap, gap])), -1), reach)
        for corner, leader in places:
            inside = (corner > low).all() and (corner + size < high).all()
            covered = ((taken > corner - gap / 2) & (taken < corner + size + gap / 2)).all(axis=1)
            if inside and not covered.any() and (_distances(leader, others) > gap / 2).all():
                break
        else:
            for it in written:
                it.remove()
            return False
        text.set_position(corner / axes.figure.bbox.size)
        if len(leader):
            written.append(axes.add_artist(Line2D(*(leader / axes.figure.bbox.size).T, linewidth=0.8, **style)))
        apart = np.array([3 * gap, 0])  # or two labels in a row read like one
        box = np.stack(np.meshgrid(*np.linspace(corner - apart, corner + size + apart, 16).T), axis=-1)
        taken = np.concatenate([taken, box.reshape(-1, 2), leader])
    return True


def _away(points, size, corners, reach):
    """Corners of a label that are less than ``reach`` from one of ``points``, with a path to it, the shortest first."""
    corners = corners.reshape(-1, 2)
    ends = np.clip(points, corners[:, None], corners[:, None] + size)
    length = np.linalg.norm(points - ends, axis=-1)
    nearest = length.argmin(1)
    near = [it for it in length.min(1).argsort(kind="stable") if length[it].min() < reach]
    return [(corners[i], np.linspace(ends[i, nearest[i]], points[nearest[i]], 10)) for i in near]


def _distances(points, others):
    """From each of ``points`` to the nearest of ``others``."""
    return np.linalg.norm(points[:, None] - others, axis=-1).min(1, initial=np.inf)


def _path(line, low, high):
    """Points on the visible part of ``line``, in pixels, close to each other."""
    corners = line.get_transform().transform(np.column_stack(line.get_data()))
    corners = corners[np.isfinite(corners).all(axis=1)]
    counts = [max(2, int(it / 4)) for it in np.abs(np.diff(corners, axis=0)).max(axis=1)]
    pieces = [np.linspace(*ends, n) for *ends, n in zip(corners[:-1], corners[1:], counts, strict=True)]
    points = np.concatenate([corners[:1], *pieces])
    return points[((points >= low) & (points <= high)).all(axis=1)]
