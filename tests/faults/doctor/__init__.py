"""The doctor where next to nothing works, and its fixes when they crash."""
