"""A decoupled model: a response for each word when streaming, else one with all of them.

The answer depends on the prompt alone, so that a test can tell it in advance: see ``answer``.
"""

import threading
import time

import numpy as np
import triton_python_backend_utils as pb_utils

PACE = 0.005


def answer(prompt):
    return f"A prompt of {len(prompt)} letters. #### {len(prompt) % 10}".split(" ")


class TritonPythonModel:
    def execute(self, requests):
        for request in requests:
            threading.Thread(target=self.run, args=(request,), daemon=True).start()

    def run(self, request):
        sender = request.get_response_sender()
        final = pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL

        def given(name, default):
            tensor = pb_utils.get_input_tensor_by_name(request, name)
            return default if tensor is None else tensor.as_numpy().reshape(-1)[0]

        def fail(text):
            error = pb_utils.TritonError(text)
            sender.send(pb_utils.InferenceResponse(error=error), flags=final)

        prompt = given("text_input", b"").decode()
        if "REFUSE" in prompt:
            fail("the prompt is too long: 9000 tokens, 4096 are allowed")
            return
        stream = bool(given("stream", False))
        words = answer(prompt)[: int(given("max_tokens", 16))]
        pieces = [words[0], *(f" {word}" for word in words[1:])]
        for place, piece in enumerate(pieces if stream else ["".join(pieces)]):
            time.sleep(PACE)
            if "BREAK" in prompt and place == 2:
                fail("the engine died")
                return
            text = np.array([piece.encode()], dtype=object)
            tensor = pb_utils.Tensor("text_output", text)
            sender.send(pb_utils.InferenceResponse([tensor]))
        sender.send(flags=final)
