package org.gatefold.archfixture.backend.cpu;

import jcuda.Pointer;

/** Breaks the rule that jcuda stays in one package. */
public final class UsesJcuda {
    Pointer pointer;
}
