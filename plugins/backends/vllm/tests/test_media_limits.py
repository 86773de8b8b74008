"""What a server takes of pictures, sounds and films, by the arguments that start it."""

from __future__ import annotations

import pytest

from aisbench_plugin_vllm.media_limits import media_limits


@pytest.mark.parametrize(
    ("words", "limits"),
    [
        ((), {}),
        (("--limit-mm-per-prompt", '{"image": 4, "video": 0}'), {"image": 4, "video": 0}),
        (('--limit-mm-per-prompt={"image": 4}',), {"image": 4}),
        (
            ("--limit-mm-per-prompt", '{"image": {"count": 5, "width": 512}, "audio": 1}'),
            {"image": 5, "audio": 1},
        ),
        (("--limit-mm-per-prompt", "image=2,video=1"), {"image": 2, "video": 1}),
        (("--limit-mm-per-prompt=image=2",), {"image": 2}),
        (("--limit-mm-per-prompt.image", "3", "--limit-mm-per-prompt.video=2"),
         {"image": 3, "video": 2}),
        (("--limit-mm-per-prompt.image.count", "3"), {"image": 3}),
        (("--limit_mm_per_prompt", '{"image": 1}'), {"image": 1}),
        (("--limit-mm-per-prompt", "{not json"), {}),
        (("--limit-mm-per-prompt",), {}),
        (("--limit-mm-per-prompt", '{"image": true, "smell": 3}'), {}),
    ],
)  # fmt: skip
def test_limits(words: tuple[str, ...], limits: dict[str, int]) -> None:
    command = ("vllm", "serve", "m", "--port", "{port}", *words)
    assert media_limits(command) == limits
