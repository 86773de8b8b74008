"""A plain model: one response for each request. It repeats the prompt before its answer, as
models without `exclude_input_in_output` do."""

import numpy as np
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        responses = []
        for request in requests:
            texts = pb_utils.get_input_tensor_by_name(request, "text_input").as_numpy().reshape(-1)
            limit = pb_utils.get_input_tensor_by_name(request, "max_tokens")
            most = 16 if limit is None else int(limit.as_numpy().reshape(-1)[0])
            answers = [[self.answer(text.decode(), most)] for text in texts]
            tensor = pb_utils.Tensor("text_output", np.array(answers, dtype=object))
            responses.append(pb_utils.InferenceResponse([tensor]))
        return responses

    def answer(self, prompt, most):
        said = f"A prompt of {len(prompt)} letters. #### {len(prompt) % 10}".split(" ")[:most]
        return (prompt + " ".join(said)).encode()
