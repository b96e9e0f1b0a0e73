"""The program above all kernels of a run, under the kernels' own Python."""
