# The README's two commands in a container:
#   docker build -t aisbench .
#   docker run --rm aisbench                                            # the quickstart
#   docker run --rm --security-opt seccomp=unconfined aisbench test     # all tests
# Docker's own filter forbids the namespaces in which programs of models run; they get one of aisbench's.
FROM python:3.12
WORKDIR /aisbench
COPY . .
RUN python3 dev.py install --test
ENTRYPOINT ["python3", "dev.py"]
CMD ["run", "examples/quickstart.toml"]
