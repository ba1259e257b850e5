"""Sinks: where digests are sent. Each delivers a digest completely or raises SinkFailed with the reason.

If a run is killed between sending a digest and recording that, the digest is sent again under the same id.
"""
