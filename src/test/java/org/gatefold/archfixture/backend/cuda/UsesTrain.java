package org.gatefold.archfixture.backend.cuda;

import org.gatefold.archfixture.train.Loop;

/** Breaks the rule that a backend sees tensor, device and op only. */
public final class UsesTrain {
    Loop loop;
}
