"""The colorizer: P(y|x) = Σ_z P(z|x) P(y|z,x), luma x, labels z on a grid of 8×8 px cells, chroma y at stride 2."""
