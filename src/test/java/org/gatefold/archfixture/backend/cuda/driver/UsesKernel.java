package org.gatefold.archfixture.backend.cuda.driver;

import org.gatefold.archfixture.backend.cuda.kernel.Launch;

/** Breaks the rule that the driver sees no other room. */
public final class UsesKernel {
    Launch launch;
}
