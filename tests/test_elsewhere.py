"""tools/elsewhere.py: what other releases compute need not be what is stored, but no number may become nan."""

import json

import pytest
from elsewhere import new_nan


def write(path, *texts):
    stream = {"output_type": "stream", "name": "stdout", "text": [texts[0]]}
    picture = {"output_type": "display_data", "data": {"image/svg+xml": ["<nan/>"], "text/plain": [texts[1]]}}
    cells = [{"id": "text", "source": ["nan"]}, {"id": "code", "outputs": [stream, picture]}]
    path.write_text(json.dumps({"cells": cells}))
    return path


@pytest.mark.parametrize(
    "computed, complaints",
    [
        (("wrong: nan, right: 2", "a peak of 4"), 0),  # as it is meant
        (("wrong: inf, right: 3", "a peak of 5"), 0),
        (("wrong: nan, right: nan", "a peak of 4"), 1),
        (("wrong: NaN, right: 2", "a peak of NaN"), 1),
        (("wrong: nan, right: 2, banana", "a peak of 4"), 0),
    ],
)
def test_a_number_that_became_nan_is_found(tmp_path, computed, complaints):
    stored = write(tmp_path / "stored.ipynb", "wrong: nan, right: 2", "a peak of 4")
    found = new_nan(stored, write(tmp_path / "copy.ipynb", *computed))
    assert found == [f"{tmp_path / 'copy.ipynb'}: nan in the outputs of the cell 'code'"] * complaints
