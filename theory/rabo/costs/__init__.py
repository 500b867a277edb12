"""Operations and floats, and Section V's experiments."""
