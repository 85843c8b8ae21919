package org.gatefold.archfixture.backend.cuda;

import jcuda.Pointer;

/** Keeps every rule: here jcuda belongs. */
public final class UsesJcuda {
    Pointer pointer;
}
