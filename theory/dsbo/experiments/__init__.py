"""Section 6: policy evaluation, hyper-parameters, and the baselines they are measured against."""
