"""A stand-in Rubin Science Platform on loopback: demos, tests, development.

It speaks the contracts a lab relies on (discovery, authentication, quotas,
availability, broadcasts, git), and can be told to misbehave while it runs.
It holds no data of the Observatory and is never part of a deployment.
"""
