"""The ordered steps from a fetched page to a written record: clean, make the record, write."""

from __future__ import annotations

from crawler.pipelines.clean import CleanPipeline
from crawler.pipelines.record import RecordPipeline
from crawler.pipelines.write import WritePipeline

__all__ = ["CleanPipeline", "RecordPipeline", "WritePipeline"]
