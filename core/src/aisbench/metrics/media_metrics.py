"""The metrics of requests with pictures, sounds and films, and of handing large ones over."""

from __future__ import annotations

from aisbench.metrics.metric import CLIENT, Metric, of_run

_MEDIA = "the heads of the files"

MEDIA_OF_REQUEST = (
    Metric(
        "upload_time",
        "UploadTime",
        "ms",
        "sent - the instant at which the first byte was handed to the kernel",
        CLIENT,
        "Of requests of 256 KB and more. TTFT begins when the last byte was handed over.",
    ),
    Metric(
        "upload_size",
        "UploadSize",
        "MB",
        "bytes of the request, its head included",
        CLIENT,
        "Of requests with pictures, sounds or films, and of others of 256 KB and more.",
        better=None,
    ),
    Metric("pictures", "Pictures", "pictures", "pictures in the request", _MEDIA, better=None),
    Metric(
        "megapixels",
        "Megapixels",
        "MP",
        "sum of width * height of the request's pictures",
        _MEDIA,
        "As they are sent: what the server makes of them is not known.",
        better=None,
    ),
    Metric(
        "film_frames",
        "FilmFrames",
        "frames",
        "frames that the request's films have",
        _MEDIA,
        "Servers may look at fewer.",
        better=None,
    ),
    Metric("film_length", "FilmLength", "s", "length of the request's films", _MEDIA, better=None),
)
"""Of each request."""

MEDIA_OF_RUN = (
    of_run(
        "total_pictures",
        "Total Pictures",
        "pictures",
        "sum of pictures over successful requests",
        _MEDIA,
    ),
    of_run(
        "picture_throughput",
        "Picture Throughput",
        "pictures/s",
        "total_pictures / benchmark_duration",
        _MEDIA,
        better="up",
    ),
    of_run(
        "total_megapixels",
        "Total Megapixels",
        "MP",
        "sum of megapixels over successful requests",
        _MEDIA,
    ),
    of_run(
        "megapixel_throughput",
        "Megapixel Throughput",
        "MP/s",
        "total_megapixels / benchmark_duration",
        _MEDIA,
        better="up",
    ),
    of_run(
        "total_film_frames",
        "Total Film Frames",
        "frames",
        "sum of film_frames over successful requests",
        _MEDIA,
    ),
    of_run(
        "film_frame_throughput",
        "Film Frame Throughput",
        "frames/s",
        "total_film_frames / benchmark_duration",
        _MEDIA,
        better="up",
    ),
    of_run(
        "total_film",
        "Total Film",
        "s",
        "sum of film_length over successful requests",
        _MEDIA,
    ),
    of_run(
        "film_throughput",
        "Film Throughput",
        "s/s",
        "total_film / benchmark_duration",
        _MEDIA,
        better="up",
    ),
    of_run(
        "total_uploaded",
        "Total Uploaded",
        "MB",
        "sum of upload_size over successful requests",
        _MEDIA,
    ),
    of_run(
        "upload_throughput",
        "Upload Throughput",
        "MB/s",
        "total_uploaded / benchmark_duration",
        _MEDIA,
        better="up",
    ),
)
"""Of a run."""
