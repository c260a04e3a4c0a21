# Ages photographs: docker build -t ipcgan . && docker run --rm --network none \
#     -v "$PWD/photos:/photos:ro" -v "$PWD/aged:/aged" ipcgan
# The folder `aged` must be one that user 1000 may write to.
FROM python:3.12-slim AS build
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends make
COPY . /ipcgan
WORKDIR /ipcgan
RUN make wheel

FROM python:3.12-slim
COPY --from=build /ipcgan/dist/*.whl /tmp/
RUN pip install --no-cache-dir /tmp/*.whl && rm /tmp/*.whl && useradd --uid 1000 ager
USER 1000
WORKDIR /home/ager
ENTRYPOINT ["ipcgan-age"]
CMD ["/photos", "--save_dir=/aged"]
