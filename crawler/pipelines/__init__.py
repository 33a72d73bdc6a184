"""The ordered steps from a fetched page to a written record: archive, clean, make the record, write."""

from __future__ import annotations

from crawler.pipelines.archive import ArchivePipeline
from crawler.pipelines.clean import CleanPipeline
from crawler.pipelines.record import RecordPipeline
from crawler.pipelines.write import WritePipeline

__all__ = ["ArchivePipeline", "CleanPipeline", "RecordPipeline", "WritePipeline"]
