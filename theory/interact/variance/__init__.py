"""What the samples of SVR-INTERACT do: exact moments, bias, the recursion of Section 5.3."""
