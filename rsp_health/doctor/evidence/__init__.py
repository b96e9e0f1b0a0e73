"""What checks look with: folders, packages, kernels, processes, the way."""
